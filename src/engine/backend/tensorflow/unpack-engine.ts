import { join, posix } from 'node:path';
import type { StepContext } from '../../base/progress.ts';
import { layout } from './layout.ts';
import type { LocalWheel } from './obtain.ts';
import { damaged, ensureLibrary, unpackWheel, type Placement } from './wheel.ts';

/** What the two C headers that the bindings use reach; measured, with room for a release that moves some. */
const headers =
  /^tensorflow\/include\/((?:tensorflow\/(?:c|core\/platform|tsl\/(?:c|platform))|tsl\/platform|xla\/tsl\/c)\/.*\.h)$/;
const libraries = new Map(layout.libraryNames.map((name) => [`tensorflow/${name}`, join(layout.libraries, name)]));
/** Libraries for a GPU, and the assembler that TensorFlow runs for one. */
const parts = /^nvidia\/(\w+\/(?:lib\/[^/]+\.so[.\d]*|bin\/ptxas|nvvm\/libdevice\/[^/]+))$/;

const engineEntries: Placement = (entry) => {
  const header = headers.exec(entry)?.[1];
  return header === undefined ? libraries.get(entry) : posix.join('include', header);
};

const partEntries: Placement = (entry) => {
  const part = parts.exec(entry)?.[1];
  return part === undefined ? undefined : posix.join(layout.parts, part);
};

/**
 * Unpacks what an engine needs of its wheels (the first has the libraries) into a directory: libraries in their final
 * places, headers under `include/`.
 * @returns relative path -> bytes of what stays
 * @throws DeepviewError `wheel-damaged`, `disk-full`, `no-permission`, `cancelled`
 */
export async function unpackEngine(
  wheels: readonly LocalWheel[],
  target: string,
  { context, arch, maximumBytes }: { context: StepContext; arch: string; maximumBytes: number },
): Promise<Map<string, number>> {
  const files = new Map<string, number>();
  for (const [index, { path }] of wheels.entries()) {
    const written = await unpackWheel({
      wheel: path,
      target,
      place: index === 0 ? engineEntries : partEntries,
      label: index === 0 ? 'unpacking TensorFlow' : 'unpacking the libraries for the GPU',
      context,
      maximumBytes,
    });
    if (index === 0) {
      for (const library of libraries.values()) {
        if (!written.has(library)) throw damaged(path, `it has no ${posix.basename(library)}`);
        await ensureLibrary(join(target, library), path, arch);
      }
      for (const header of ['c/c_api.h', 'c/eager/c_api.h']) {
        if (!written.has(`include/tensorflow/${header}`)) throw damaged(path, `it has no header tensorflow/${header}`);
      }
    }
    for (const [name, bytes] of written) if (!name.startsWith('include/')) files.set(name, bytes);
  }
  return files;
}
