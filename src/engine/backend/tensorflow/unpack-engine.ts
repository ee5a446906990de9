import { join, posix } from 'node:path';
import type { StepContext } from '../../base/progress.ts';
import { layout } from './layout.ts';
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
 * Unpacks what an engine needs of a wheel into a directory: libraries in their final places, headers under `include/`.
 * @param wheel that with TensorFlow's own libraries, or of a `part` that a GPU needs
 * @returns relative path -> bytes of what stays
 * @throws DeepviewError `wheel-damaged`, `disk-full`, `no-permission`, `cancelled`
 */
export async function unpackEngine(
  wheel: string,
  target: string,
  { context, arch, maximumBytes, part }: { context: StepContext; arch: string; maximumBytes: number; part: boolean },
): Promise<Map<string, number>> {
  const written = await unpackWheel({
    wheel,
    target,
    place: part ? partEntries : engineEntries,
    label: part ? 'unpacking the libraries for the GPU' : 'unpacking TensorFlow',
    context,
    maximumBytes,
  });
  if (part) return written;
  for (const library of libraries.values()) {
    if (!written.has(library)) throw damaged(wheel, `it has no ${posix.basename(library)}`);
    await ensureLibrary(join(target, library), wheel, arch);
  }
  for (const header of ['c/c_api.h', 'c/eager/c_api.h']) {
    if (!written.has(`include/tensorflow/${header}`)) throw damaged(wheel, `it has no header tensorflow/${header}`);
  }
  return new Map([...written].filter(([name]) => !name.startsWith('include/')));
}
