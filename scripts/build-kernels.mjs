// Compiles the AssemblyScript kernels. The result is kept by the hash of its sources: compiling takes seconds.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'src/engine/kernels/assembly');
const flags = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert'];

export async function buildKernels(target) {
  const names = (await readdir(sources)).filter((name) => name.endsWith('.ts')).sort();
  const { version } = JSON.parse(await readFile(join(root, 'node_modules/assemblyscript/package.json'), 'utf8'));
  const hash = createHash('sha256').update(version + flags.join(' '));
  for (const name of names) hash.update(name).update(await readFile(join(sources, name)));
  const cache = join(root, 'node_modules/.cache/deepview-tui');
  const cached = join(cache, `kernels-${hash.digest('hex').slice(0, 16)}.wasm`);
  try {
    await copyFile(cached, target);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    await mkdir(cache, { recursive: true });
    const asc = await import('assemblyscript/asc');
    const partial = `${cached}.${process.pid}`;
    const result = await asc.main([join(sources, 'index.ts'), '--outFile', partial, ...flags]);
    if (result.error) throw new Error(`the kernels do not compile:\n${result.stderr.toString()}`);
    await rename(partial, cached);
    await copyFile(cached, target);
  }
}
