// Loads TypeScript of the program into a script: not every Node that is supported reads it.
import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * What files of the program export, all together.
 * @param paths from the root of the checkout @param options esbuild's, added to those that every script needs
 */
export async function loadTypeScript(paths, options) {
  // Inside the checkout, so that what stays outside the bundle finds its packages.
  const folder = await mkdtemp(join(root, 'node_modules/.deepview-script-'));
  try {
    const outfile = join(folder, 'loaded.mjs');
    await build({
      stdin: {
        contents: paths.map((path) => `export * from './${path}';`).join('\n'),
        resolveDir: root,
        loader: 'ts',
      },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'warning',
      ...options,
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}
