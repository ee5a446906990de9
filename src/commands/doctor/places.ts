import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../../engine/base/errors.ts';
import { isNowhere, noHome, nowhere, type Paths } from '../../engine/base/paths.ts';
import { formatBytes } from '../../engine/base/byte-size.ts';
import type { Problem } from '../doctor.ts';

export interface Place {
  name: keyof Paths;
  path: string;
  exists: boolean;
  /** Why it cannot be written, in words. */
  trouble?: string;
}

/** Below this many bytes neither the engine nor CIFAR-10 can be unpacked. */
const little = 2e9;

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The nearest part of a path that is there. */
async function present(path: string): Promise<string> {
  let at = path;
  while (!(await exists(at)) && dirname(at) !== at) at = dirname(at);
  return at;
}

async function trouble(path: string, isFile: boolean): Promise<string | undefined> {
  if (isNowhere(path)) return noHome;
  const at = await present(path);
  const status = await stat(at);
  if (!status.isDirectory() && !(isFile && at === path)) return `${at} is not a directory`;
  if (isFile && at === path && status.isDirectory()) return 'is a directory';
  return access(at, constants.W_OK).then(
    () => undefined,
    (thrown: unknown) => `cannot be written: ${systemCode(thrown) ?? 'unknown error'}`,
  );
}

/** A path as it is shown: a user's home who has none is `~`, which stands for one that is to be set. */
export const shownPath = (path: string): string => path.replace(nowhere, '~');

/** Whether the program can write where it has to, and whether there is room. */
export async function checkPlaces(paths: Paths): Promise<{ places: Place[]; problems: Problem[] }> {
  const names = Object.keys(paths) as (keyof Paths)[];
  const places = await Promise.all(
    names.map(async (name): Promise<Place> => {
      const path = paths[name];
      const why = await trouble(path, name === 'config' || name === 'log');
      return {
        name,
        path: shownPath(path),
        exists: await exists(path),
        ...(why !== undefined && { trouble: why }),
      };
    }),
  );
  const wanting = isNowhere(paths.runs)
    ? [{ code: 'no-home', message: `${noHome}.`, remedy: 'Nothing can be stored until then.', severe: true }]
    : [];
  const problems: Problem[] = places
    // Nothing is ever written to the configuration.
    .filter((place) => place.trouble !== undefined && place.trouble !== noHome && place.name !== 'config')
    .map((place) => ({
      code: 'unwritable-place',
      message: `The place for ${place.name}, ${place.path}, cannot be used: ${place.trouble ?? ''}.`,
      remedy:
        'Correct its permissions, or choose another by the XDG variables (docs/troubleshooting.md, "Where things are").',
      severe: true,
    }));
  const { bavail, bsize } = await statfs(await present(paths.engines));
  if (bavail * bsize < little) {
    problems.push({
      code: 'disk-nearly-full',
      message: `Only ${formatBytes(bavail * bsize)} are free where engines and runs are kept.`,
      remedy: 'Make room: `deepview-tui runs prune` removes runs; the cache may be deleted at any time.',
      severe: false,
    });
  }
  return { places, problems: [...wanting, ...problems] };
}
