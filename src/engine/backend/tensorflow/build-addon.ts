import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DeepviewError } from '../../base/errors.ts';
import { ProgressMeter, type StepContext } from '../../base/progress.ts';
import type { Bindings } from './bindings.ts';
import { compile, run, type Compiler } from './compiler.ts';
import { layout } from './layout.ts';

export interface BuildOptions {
  /** An engine directory under construction, with libraries and `include/`. */
  directory: string;
  libraries: readonly string[];
  include: string;
  bindings: Bindings;
  compiler: Compiler;
  context: StepContext;
  env: NodeJS.ProcessEnv;
}

/**
 * Compiles the bindings against the unpacked libraries into the addon. It is pure Node-API: one build serves every Node.
 * @throws DeepviewError `compilation`, `disk-full`, `cancelled`
 */
export async function buildAddon(options: BuildOptions): Promise<void> {
  const { directory, libraries, include, bindings, compiler, context, env } = options;
  const objects = join(directory, 'objects');
  const addon = join(directory, layout.addon);
  // Those of an attempt that failed are written over.
  await mkdir(objects, { recursive: true });
  await mkdir(dirname(addon), { recursive: true });
  const stop = new AbortController();
  const how = { env, signal: AbortSignal.any([context.signal, stop.signal]) };
  const meter = new ProgressMeter({
    label: 'compiling the binding to TensorFlow',
    unit: 'items',
    total: bindings.sources.length + 1,
    onProgress: context.onProgress,
  });
  meter.startAt(0, bindings.sources.length + 1);
  const headers = [include, ...bindings.include].map((each) => `-I${each}`);
  const compiled = bindings.sources.map(async (source) => {
    const object = join(objects, `${basename(source)}.o`);
    await compile(
      compiler,
      ['-std=c++17', '-O2', '-fPIC', '-w', '-DNAPI_VERSION=8', ...headers, '-c', source, '-o', object],
      how,
    );
    meter.advance(1);
    return object;
  });
  try {
    const files = await Promise.all(compiled);
    const runPath = '-Wl,-rpath,$ORIGIN/../../deps/lib';
    await compile(compiler, ['-shared', ...files, ...libraries, runPath, '-o', addon], how);
  } finally {
    stop.abort();
    await Promise.allSettled(compiled);
  }
  meter.finish();
  await rm(objects, { recursive: true });
}

const probeProgram =
  'const addon = require(process.argv[1]); process.stdout.write(`\\nlibrary<${addon.TF_Version}>\\n`);';

/**
 * Loads the addon in a process of its own: a library that crashes there harms nothing else.
 * @returns the version that the library says it is
 * @throws DeepviewError `engine-broken`
 */
export async function probeAddon(directory: string, context: StepContext, env: NodeJS.ProcessEnv): Promise<string> {
  const { code, output } = await run([process.execPath, '-e', probeProgram, join(directory, layout.addon)], [], {
    env: { ...env, TF_CPP_MIN_LOG_LEVEL: '3', NODE_OPTIONS: '' },
    signal: context.signal,
  });
  const version = /^library<([\w.+-]+)>$/m.exec(output)?.[1];
  if (code === 0 && version !== undefined) return version;
  const why =
    output.split('\n').find((line) => /error|cannot|undefined symbol|illegal/i.test(line)) ?? `exit status ${code}`;
  throw new DeepviewError(
    'engine-broken',
    `The native engine was built but does not load: ${why.trim().slice(0, 300)}`,
    {
      hint: 'The processor may lack instructions that TensorFlow needs (AVX), or CXX names a compiler for another system.',
    },
  );
}
