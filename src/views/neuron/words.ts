import type { ErrorReport } from '../../engine/base/errors.ts';
import { printable } from '../../engine/base/printable.ts';
import type { Rectangle } from '../../imaging/cells/cells.ts';
import type { TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import type { NeuronPane } from './state.ts';
import type { ScreenState } from '../model/state.ts';
import { wrapped } from '../network/preparing.ts';
import { cutLine, firstFitting, type Line } from '../text/spans.ts';

/** A pane's title, or that of a later part of it: marked where the pane has the focus. Of the variants after the name the first that fits. */
export function paneTitle(
  state: ScreenState,
  area: Rectangle,
  { pane, name, rest, isPart = false }: { pane: NeuronPane; name: string; rest: readonly Line[]; isPart?: boolean },
): TextBlock {
  const hasFocus = state.neuron.pane === pane;
  const mark = hasFocus && !isPart ? glyphsOf(state.theme).pointer : ' ';
  const title: Line = [
    { text: mark, token: 'cursor' },
    { text: name, token: hasFocus ? 'cursor' : 'title' },
  ];
  return {
    ...area,
    lines: [
      firstFitting(
        [...rest, []].map((line) => [...title, ...line]),
        area.columns,
      ),
    ],
  };
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

/** What keeps a pane waiting. */
export const waitingBlock = (area: Rectangle, text: string): TextBlock =>
  wordsBlock(area, indented(text, area.columns, 'muted'));

/** Why a pane stays empty, and what would help. */
export function reasonBlock(area: Rectangle, { message, hint }: ErrorReport): TextBlock {
  return wordsBlock(area, [
    ...indented(printable(message, 400), area.columns, 'warning'),
    ...(hint ? [[], ...indented(printable(hint, 400), area.columns)] : []),
  ]);
}
