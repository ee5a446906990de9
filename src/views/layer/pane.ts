import type { Rectangle } from '../../imaging/cells/cells.ts';
import type { TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import type { Pane } from './state.ts';
import { wideFrom } from './layout.ts';
import type { ScreenState } from '../model/state.ts';
import { wrapped } from '../network/preparing.ts';
import { cutLine, type Line } from '../text/spans.ts';
import type { Token } from '../theme/theme.ts';

export const paneNames: Readonly<Record<Pane, string>> = { evolution: 'evolution', map: 'map', neurons: 'neurons' };

/** A pane's first line: its name, marked where the keys go, and what it says of itself. */
export function paneTitle(state: ScreenState, pane: Pane, rest: Line, columns: number): Line {
  const here = state.exploration.pane === pane;
  // Where panes take turns, their names stand in a line of their own; nothing is said after them.
  if (state.size.columns < wideFrom) {
    return cutLine(
      rest.map((span, at) => (at === 0 ? { ...span, text: span.text.replace(/^: /, '  ') } : span)),
      columns,
    );
  }
  return cutLine(
    [
      { text: here ? ` ${glyphsOf(state.theme).pointer}` : '  ', token: 'cursor' },
      { text: paneNames[pane], token: here ? 'cursor' : 'title' },
      ...rest,
    ],
    columns,
  );
}

/** Words in the middle of a pane that has nothing else to show. */
export function wordsIn(area: Rectangle, texts: readonly { text: string; token?: Token }[]): TextBlock | undefined {
  const width = Math.min(56, area.columns - 4);
  if (width < 8 || area.rows < 1) return undefined;
  const lines = texts.flatMap(({ text, token }) =>
    wrapped(text, width).map((part): Line => [token ? { text: part, token } : { text: part }]),
  );
  const shown = lines.slice(0, area.rows);
  return {
    row: area.row + Math.floor((area.rows - shown.length) / 2),
    column: area.column + Math.floor((area.columns - width) / 2),
    rows: shown.length,
    columns: width,
    lines: shown,
  };
}
