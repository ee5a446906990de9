import type { Size } from '../../imaging/cells/cells.ts';
import type { TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { cutLine, fit, lineWidth, type Line, type Span } from '../text/spans.ts';
import type { Theme } from '../theme/theme.ts';

/**
 * A bordered panel in the middle of the screen, as large as its lines ask for and the screen allows.
 * @param width columns of the text, without border and margin
 */
export function panel(title: string, content: readonly Line[], width: number, size: Size, theme: Theme): TextBlock {
  const { corners, horizontal, vertical } = glyphsOf(theme);
  const inner = Math.max(1, Math.min(width, size.columns - 6));
  const rows = Math.max(1, Math.min(content.length, size.rows - 3));
  const [topLeft, topRight, bottomLeft, bottomRight] = corners;
  const heading = fit(` ${title} `, Math.min(inner, title.length + 2));
  const top: Line = [
    { text: `${topLeft}${horizontal}`, token: 'dialogMuted' },
    { text: heading, token: 'dialogTitle' },
    { text: `${horizontal.repeat(Math.max(0, inner + 1 - heading.length))}${topRight}`, token: 'dialogMuted' },
  ];
  const body = content.slice(0, rows).map((line): Line => {
    const cutted = cutLine(line, inner);
    const rest: Span = { text: ' '.repeat(Math.max(0, inner - lineWidth(cutted))), token: 'dialog' };
    return [
      { text: `${vertical} `, token: 'dialogMuted' },
      ...cutted.map((span): Span => ({ ...span, token: span.token ?? 'dialog' })),
      rest,
      { text: ` ${vertical}`, token: 'dialogMuted' },
    ];
  });
  const bottom: Line = [{ text: `${bottomLeft}${horizontal.repeat(inner + 2)}${bottomRight}`, token: 'dialogMuted' }];
  return {
    row: Math.max(0, Math.floor((size.rows - rows - 2) / 2)),
    column: Math.max(0, Math.floor((size.columns - inner - 4) / 2)),
    rows: rows + 2,
    columns: inner + 4,
    lines: [top, ...body, bottom],
  };
}
