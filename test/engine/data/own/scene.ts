import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataContext } from '../../../../src/engine/data/catalogue.ts';
import { pathsFor } from '../../../../src/engine/base/paths.ts';
import { recording, temporaryDirectory, type Recorded } from '../../transfer/support.ts';

export const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));

export interface Scene extends Omit<Recorded, 'context'> {
  context: DataContext;
  home: string;
  /** Puts fixture images into a folder `pets`: its files by their fixtures' names. */
  pets: (files: Readonly<Record<string, string>>) => Promise<string>;
}

export async function scene(env: NodeJS.ProcessEnv = {}): Promise<Scene> {
  const home = await temporaryDirectory();
  const own = { HOME: home, ...env };
  const { context, ...recorded } = recording();
  const root = join(home, 'pets');
  const pets = async (files: Readonly<Record<string, string>>): Promise<string> => {
    for (const [path, fixture] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await cp(join(fixtures, 'images', fixture), join(root, path));
    }
    return root;
  };
  return { ...recorded, home, pets, context: { ...context, paths: pathsFor(own), env: own } };
}
