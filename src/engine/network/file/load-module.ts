import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';

export const moduleEndings = ['.js', '.mjs', '.cjs', '.ts', '.mts'] as const;

/** Seconds that a module may take to load. */
const patience = 30;

/**
 * Runs a module.
 * @returns its default export, inside an object: a promise would look into it for a `then`
 * @throws DeepviewError `bad-network`, exit code 2: it throws, exports nothing by default, does not end, or is
 * TypeScript where Node cannot read that
 */
export async function loadModule(path: string, source: string): Promise<{ exported: unknown }> {
  const fail = (problem: string, hint: string, cause?: unknown): DeepviewError =>
    new DeepviewError('bad-network', `${printable(source, 1000)} ${problem}`, {
      hint,
      exitCode: exitCodes.usage,
      cause,
    });
  const { typescript } = process.features as { typescript?: unknown };
  if (/^\.m?ts$/i.test(extname(path)) && !typescript) {
    throw fail(
      `is TypeScript, which this Node (${process.version}) does not read`,
      'Use Node 22.18 or newer, or write the network as .mjs or .json.',
    );
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it does not end within ${patience} seconds`)), patience * 1000);
  });
  try {
    const loaded = (await Promise.race([import(/* @vite-ignore */ pathToFileURL(path).href), late])) as object;
    if ('default' in loaded) return { exported: loaded.default };
  } catch (thrown) {
    throw fail(`does not load: ${reasonOf(thrown)}`, 'Run it with node to see where this happens.', thrown);
  } finally {
    clearTimeout(timer);
  }
  throw fail('has no default export', 'Write: export default { layers: [ ... ] }');
}

/** What foreign code threw, in words; that may be anything, even what cannot be looked at. */
export function reasonOf(thrown: unknown): string {
  try {
    return printable(thrown instanceof Error ? thrown.message : String(thrown), 500);
  } catch {
    return 'it throws something that has no message';
  }
}
