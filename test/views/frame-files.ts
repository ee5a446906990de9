import { expect, it } from 'vitest';
import type { CellGrid, ColourDepth, Size } from '../../src/imaging/cells/cells.ts';
import { gridToText } from '../../src/imaging/cells/grid.ts';
import type { Frame } from '../../src/views/frame/frame.ts';
import { initialState, type ScreenState, type ViewAction } from '../../src/views/model/state.ts';
import { renderCells } from '../../src/views/screen/render-screen.tsx';
import { dataView } from '../../src/views/screen/view.ts';
import { after } from './fake-run.ts';
import { stylesOf } from './styles.ts';

/** Terminals that every view is drawn for. */
export const sizes: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];

/** The smallest terminal, and one between: only their text is kept. */
export const narrow: readonly Size[] = [
  { columns: 40, rows: 12 },
  { columns: 60, rows: 15 },
];

/** The screen of a training of one's own after a scene, at a size. */
export function stateOf(scene: readonly ViewAction[], size: Size, depth: ColourDepth, ascii = false): ScreenState {
  const start: ScreenState = { ...initialState, control: 'own', theme: { ...initialState.theme, depth, ascii } };
  return after([{ source: 'resize', size }, ...scene], start);
}

/** What a state shows of a run. */
export function view(state: ScreenState): Frame {
  const frame = dataView(state);
  if (!frame) throw new Error('the home screen has no frame');
  return frame;
}

/** What the screen says, without colours. */
export const textOf = (state: ScreenState): string => gridToText(renderCells(state));

/** The screen without its last row, the footer, which has a test of its own: a longer hint changes one file, not all. */
export const bodyOf = (state: ScreenState): CellGrid => renderCells(state).slice(0, -1);

/** Holds what a scene looks like against its file: a sign a cell, which can be read, as escape sequences cannot. */
export async function expectStyles(scene: readonly ViewAction[], size: Size, file: string): Promise<void> {
  await expect(`${stylesOf(bodyOf(stateOf(scene, size, '256')))}\n`).toMatchFileSnapshot(`${file}.styles.txt`);
}

/** Declares tests that hold every scene against its files in `frames/`: as text, and at the usual sizes its styles. */
export function itKeepsFrames(scenes: Readonly<Record<string, readonly ViewAction[]>>): void {
  for (const [name, scene] of Object.entries(scenes)) {
    for (const size of sizes) {
      it(`${name}, ${size.columns}x${size.rows}`, async () => {
        const file = `frames/${name.replaceAll(' ', '-')}-${size.columns}x${size.rows}`;
        await expect(`${gridToText(bodyOf(stateOf(scene, size, 'none')))}\n`).toMatchFileSnapshot(`${file}.txt`);
        await expectStyles(scene, size, file);
      });
    }
    for (const size of narrow) {
      it(`${name}, ${size.columns}x${size.rows}`, async () => {
        const file = `frames/${name.replaceAll(' ', '-')}-${size.columns}x${size.rows}.txt`;
        await expect(`${gridToText(bodyOf(stateOf(scene, size, 'none')))}\n`).toMatchFileSnapshot(file);
      });
    }
  }
}
