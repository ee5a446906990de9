import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { tfjsNodeBindings } from '../../src/engine/backend/tensorflow/bindings.ts';
import { engineDirectory } from '../../src/engine/backend/tensorflow/layout.ts';
import { thisMachine, type Variant } from '../../src/engine/backend/tensorflow/release.ts';
import type { Paths } from '../../src/engine/base/paths.ts';

/** An engine that looks installed, and would compute with its own loader of libraries. */
export async function standInEngine(build: Variant, paths: Paths): Promise<string> {
  const directory = engineDirectory(paths, build, thisMachine());
  const addon = 'lib/napi-v8/tfjs_binding.node';
  await mkdir(dirname(`${directory}/${addon}`), { recursive: true });
  await writeFile(`${directory}/${addon}`, 'nothing');
  const manifest = { format: 1, version: '2.21.0', bindings: tfjsNodeBindings().version, files: { [addon]: 7 } };
  await writeFile(`${directory}/engine.json`, JSON.stringify({ ...manifest, date: '2026-11-28', compiler: 'c++' }));
  return directory;
}
