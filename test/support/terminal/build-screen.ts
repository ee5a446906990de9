import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles a small program of this folder. @returns the folder to remove afterwards, and the program's file in it */
export async function buildScreen(name: string): Promise<{ folder: string; file: string }> {
  // Inside the checkout, so that the program finds its packages.
  const folder = await mkdtemp(join(process.cwd(), 'node_modules', '.screen-test-'));
  const file = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [`test/support/terminal/${name}.ts`],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
    banner: {
      js: 'Promise.withResolvers ??= function () { let resolve, reject; const promise = new this((a, b) => { resolve = a; reject = b; }); return { promise, resolve, reject }; };',
    },
  });
  return { folder, file };
}
