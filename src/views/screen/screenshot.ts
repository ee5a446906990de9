import { basename, dirname, join } from 'node:path';
import { fileError } from '../../engine/base/files.ts';
import { makeDirectoryInside, writeFileAtomically } from '../../engine/base/write-files.ts';
import { printable } from '../../engine/base/printable.ts';
import { isShipped } from '../../engine/base/program-files.ts';
import { encodeGrid } from '../../imaging/cells/ansi.ts';
import type { ScreenState } from '../model/state.ts';

interface SavedPicture {
  path: string;
  /** Whether it spells letters by their code points. */
  isSpelled: boolean;
}

/** The screen in the formats that are kept of it. */
async function writeBoth(directory: string, name: string, state: ScreenState): Promise<SavedPicture> {
  const { hasSpelled, pngOf } = await import('../../imaging/files/png.ts');
  const { darkPicture, lightPicture } = await import('../../imaging/files/picture-colours.ts');
  const depth = state.theme.depth === 'none' ? 'none' : 'truecolour';
  const { renderCells, renderScreen } = await import('./render-screen.tsx');
  const shown: ScreenState = { ...state, theme: { ...state.theme, depth } };
  const { cells, pictures } = renderScreen(shown);
  const colours = state.theme.background === 'light' ? lightPicture : darkPicture;
  const png = await pngOf(cells, colours, pictures);
  const path = join(directory, `${name}.png`);
  // A run from elsewhere may have a link there.
  await makeDirectoryInside(dirname(directory), basename(directory));
  await writeFileAtomically(path, [png]);
  await writeFileAtomically(join(directory, `${name}.ansi`), `${encodeGrid(renderCells(shown), 'truecolour')}\n`);
  return { path, isSpelled: hasSpelled(cells) };
}

/** The first of some directories that takes the files. */
async function firstWritable(
  directories: readonly string[],
  write: (directory: string) => Promise<SavedPicture>,
): Promise<SavedPicture> {
  let refused: unknown;
  for (const directory of directories) {
    try {
      return await write(directory);
    } catch (thrown) {
      refused = thrown;
    }
  }
  throw fileError(refused, 'write', directories.at(-1) ?? '');
}

/**
 * Saves what is on the screen as a PNG and as text with colours: in the run's `screenshots` directory, or in the
 * current one where that takes no files, belongs to the program (the demo), or there is no run.
 * @returns one line that says where
 */
export async function saveScreenshot(state: ScreenState, cwd: string, now: Date = new Date()): Promise<string> {
  const time = now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  const name = `deepview-${state.screens.at(-1) ?? 'screen'}-${time}`;
  const { directory } = state.run;
  const places = [...(directory && !isShipped(directory) ? [join(directory, 'screenshots')] : []), cwd];
  const { path, isSpelled } = await firstWritable(places, (place) => writeBoth(place, name, state));
  const spelled = isSpelled ? ', which has the letters that the picture spells' : '';
  return `Saved ${printable(path, 1000)} and .ansi beside it${spelled}`;
}
