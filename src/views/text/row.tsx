import { Box, Text } from 'ink';
import { createContext, use, type ReactElement } from 'react';
import { harmless } from '../../engine/base/printable.ts';
import type { Size } from '../../imaging/cells/cells.ts';
import { sgrBetween } from '../../imaging/cells/sgr.ts';
import { Clickable } from '../screen/clicks.tsx';
import { defaultTheme, styleOf, type Style, type Theme } from '../theme/theme.ts';
import { asciiText } from './ascii.ts';
import type { Line, Span } from './spans.ts';

/** The screen that components are drawn on. */
export const LookContext = createContext<{ size: Size; theme: Theme }>({
  size: { columns: 80, rows: 24 },
  theme: defaultTheme,
});

/** A line as Ink takes it: styled already. Colours are exact whatever the terminal's depth, which the painter sees to. */
function inkText(line: Line, theme: Theme): string {
  let before: Style = {};
  const turn = (style: Style): string => {
    const sequence = sgrBetween(before, style, 'truecolour');
    before = style;
    // Ink knows the end of all styles only by its number.
    return sequence === '\u001b[m' ? '\u001b[0m' : sequence;
  };
  // Ink takes sequences in a text for its own.
  const shown = (text: string): string => (theme.ascii ? asciiText(harmless(text)) : harmless(text));
  const pieces = line
    .filter(({ text }) => text !== '')
    .map(({ text, style, token }) => turn(style ?? styleOf(token, theme)) + shown(text));
  return pieces.join('') + turn({});
}

/** A line's spans, those together that do the same when they are clicked. */
function segmentsOf(line: Line): Line[] {
  const segments: Span[][] = [];
  for (const span of line) {
    const last = segments.at(-1);
    if (last?.[0]?.command === span.command && last) last.push(span);
    else segments.push([span]);
  }
  return segments;
}

/** A row of the screen: a line of text, which is cut where it is too long. */
export function Row({ line }: { line: Line }): ReactElement {
  const { theme } = use(LookContext);
  return (
    <Box height={1} flexShrink={0}>
      {segmentsOf(line).map((segment, index) => {
        const text = <Text wrap="truncate">{inkText(segment, theme)}</Text>;
        const id = segment[0]?.command;
        return id ? (
          <Clickable key={index} command={{ id }} flexShrink={0}>
            {text}
          </Clickable>
        ) : (
          <Box key={index} flexShrink={0}>
            {text}
          </Box>
        );
      })}
    </Box>
  );
}
