import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The programs beside the command line: processes and threads that start from a file of their own. */
export type ProgramName = 'trainer-process' | 'training-worker' | 'analysis-worker' | 'decomposition-process';

/**
 * Where a file, or a folder, that the build makes lies.
 * In the bundle all of them are neighbours, whatever chunk this code ended up in. Run from its TypeScript source
 * (tests, benchmarks), the program uses the bundle that was built before: threads start faster, and are what is shipped.
 */
export function builtFile(
  name: `${ProgramName}.js` | 'kernels.wasm' | 'tensorflow/' | 'ask-gpu.cc' | 'reference.json',
): URL {
  const here = import.meta.url;
  return new URL(here.endsWith('.ts') ? `../../../dist/${name}` : `./${name}`, here);
}

/** Where one of the bundled programs lies. */
export const programFile = (name: ProgramName): URL => builtFile(`${name}.js`);

/** The same as a path, for a process's command line. */
export const programPath = (name: ProgramName): string => fileURLToPath(programFile(name));

/** The recorded run that is shipped with the program. It may be absent: a checkout without its samples. */
export const demoRun = (): string =>
  fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? '../../../samples/demo' : '../samples/demo', import.meta.url),
  );

/** Whether a run is part of the program: it is read, never written to. */
export const isShipped = (directory: string): boolean => resolve(directory) === resolve(demoRun());
