import type { ErrorReport } from '../../engine/base/errors.ts';
import { printable } from '../../engine/base/printable.ts';
import type { Overlay, Picture, Rectangle, Size } from '../../imaging/cells/cells.ts';
import { awaited, reasonFor } from '../layer/explored.ts';
import type { Subject } from '../layer/state.ts';
import { panesOf, type Pane } from '../keys/toggles.ts';
import { focusedPane, type ScreenState } from '../model/state.ts';
import { cutLine, shrunk, wrapped, type Line } from '../text/spans.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { targetsOf, type Frame, type Target, type TextBlock } from './frame.ts';

/** What a part of a view draws, and what a click on it means. */
export interface Part {
  blocks: readonly TextBlock[];
  overlays?: readonly Overlay[];
  pictures?: readonly Picture[];
  targets?: readonly Target[];
}

/** A view's parts as a frame. A click on a span's command goes before one on what lies beneath. */
export function frameOf(size: Size, parts: readonly (Part | undefined)[]): Frame {
  const present = parts.filter((part) => part !== undefined);
  const blocks = present.flatMap((part) => part.blocks).filter(({ rows, columns }) => rows > 0 && columns > 0);
  return {
    size,
    blocks,
    overlays: present.flatMap(({ overlays = [] }) => overlays),
    pictures: present.flatMap(({ pictures = [] }) => pictures),
    targets: [...present.flatMap(({ targets = [] }) => targets), ...blocks.flatMap(targetsOf)],
  };
}

/**
 * A pane's first line, or that of a later part of it: its name, marked where the keys go, and what of the rest has room.
 * @param rest spans with ranks, which all may be left out
 */
export function paneTitle(
  state: ScreenState,
  area: Rectangle,
  { pane, name, rest, isPart = false }: { pane: Pane; name: string; rest: Line; isPart?: boolean },
): TextBlock {
  const hasFocus = pane === focusedPane(state);
  const title: Line = [
    { text: hasFocus && !isPart ? glyphsOf(state.theme).pointer : ' ', token: 'cursor' },
    { text: name, token: hasFocus ? 'cursor' : 'title' },
  ];
  return { ...area, lines: [shrunk(name ? [...title, ...rest] : rest, area.columns)] };
}

/** The panes' names in a line, where only some are on the screen; a click shows another. */
export function tabsPart(
  state: ScreenState,
  area: Rectangle,
  screen: keyof typeof panesOf,
  shown: Partial<Record<Pane, unknown>>,
): Part {
  const targets: Target[] = [];
  let column = area.column;
  const line = panesOf[screen].flatMap((pane): Line => {
    const hasFocus = pane === focusedPane(state);
    const text = `${hasFocus ? glyphsOf(state.theme).pointer : ' '}${pane} `;
    targets.push({ ...area, column: column + 1, columns: text.length, command: { id: 'pane', pane } });
    column += text.length + 1;
    return [{ text: ' ' }, { text, token: hasFocus ? 'selected' : shown[pane] ? 'title' : 'muted' }];
  });
  return { blocks: [{ ...area, lines: [line] }], targets };
}

/** Some words in the middle of a pane that has nothing to show yet. */
function wordsBlock(area: Rectangle, texts: readonly Line[]): TextBlock {
  const above = Math.max(0, Math.floor((area.rows - texts.length) / 2.5));
  return {
    ...area,
    lines: [...Array.from({ length: above }, (): Line => []), ...texts]
      .slice(0, Math.max(0, area.rows))
      .map((line) => cutLine(line, area.columns)),
  };
}

const indented = (text: string, columns: number, token?: 'muted' | 'warning'): Line[] =>
  wrapped(text, Math.max(8, columns - 4)).map((part): Line => [{ text: `  ${part}`, ...(token && { token }) }]);

/** Words in place of what there is not, or not yet. */
export const plainBlock = (area: Rectangle, text: string): TextBlock =>
  wordsBlock(area, indented(text, area.columns, 'muted'));

/** Why a pane stays empty, and what would help. */
export function reasonBlock(area: Rectangle, { message, hint }: Pick<ErrorReport, 'message' | 'hint'>): TextBlock {
  return wordsBlock(area, [
    ...indented(printable(message, 400), area.columns, 'warning'),
    ...(hint ? [[], ...indented(printable(hint, 400), area.columns)] : []),
  ]);
}

/** In place of what a pane has no answer about: why it has none, or what it waits for, as {@link awaited} says it. */
export function lackingBlock(
  state: ScreenState,
  area: Rectangle,
  subjects: readonly Subject[],
  words: readonly [what: string, doing: string],
): TextBlock {
  const [reason] = subjects.flatMap((about) => reasonFor(state, about) ?? []);
  return reason ? reasonBlock(area, reason) : plainBlock(area, awaited(state, ...words));
}
