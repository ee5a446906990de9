import { Box, Text } from 'ink';
import { createContext, use, type ReactElement } from 'react';
import { harmless } from '../../engine/base/printable.ts';
import type { Cell, Rgb, Size } from '../../imaging/cells/cells.ts';
import { ansiIndex, nearestXterm, xtermColours } from '../../imaging/colour/terminal-colours.ts';
import { Clickable } from '../screen/clicks.tsx';
import { defaultTheme, styleOf, type Style, type Theme } from '../theme/theme.ts';
import { asciiText } from './ascii.ts';
import type { Line, Span } from './spans.ts';

/** The screen that components are drawn on. */
export const LookContext = createContext<{ size: Size; theme: Theme }>({
  size: { columns: 80, rows: 24 },
  theme: defaultTheme,
});

/** A property of a style: the sequence that switches it on, and the one that takes it back. */
type Switch = readonly [on: string, off: string];

const sgr = (parameters: string | number): string => `\u001b[${parameters}m`;

function colourSwitch(colour: Rgb, isBackground: boolean): Switch {
  const shift = isBackground ? 10 : 0;
  const off = sgr(39 + shift);
  const own = ansiIndex(colour);
  if (own !== undefined) return [sgr((own < 8 ? 30 : 82) + own + shift), off];
  const index = nearestXterm(colour);
  const isExact = xtermColours[index]?.every((part, channel) => part === colour[channel]);
  return [sgr(`${38 + shift};${isExact ? `5;${index}` : `2;${colour.join(';')}`}`), off];
}

const normalWeight = sgr(22);

const weights = [
  ['bold', [sgr(1), normalWeight]],
  ['dim', [sgr(2), normalWeight]],
  ['italic', [sgr(3), sgr(23)]],
  ['underline', [sgr(4), sgr(24)]],
  ['inverse', [sgr(7), sgr(27)]],
] as const satisfies readonly (readonly [keyof Cell, Switch])[];

function switchesOf(style: Style): Switch[] {
  return [
    ...(style.foreground ? [colourSwitch(style.foreground, false)] : []),
    ...(style.background ? [colourSwitch(style.background, true)] : []),
    ...weights.flatMap(([name, one]) => (style[name] ? [one] : [])),
  ];
}

/**
 * A line as Ink takes it: styled already. Colours are exact whatever the terminal's depth, which the painter sees to.
 * Ink's tokenizer costs most of a frame and goes through sequences character by character, so they are the shortest
 * there are, in the order in which it writes them itself: what it has seen in that form it does not take apart again.
 */
function inkText(line: Line, theme: Theme): string {
  let text = '';
  let before: readonly Switch[] = [];
  const change = (now: readonly Switch[]): void => {
    // A colour is taken back by the next one; bold and dim, which may hold both, only by the sequence that ends both.
    const undone = before.filter(
      ([on, off]) => !now.some((other) => other[0] === on || (other[1] === off && off !== normalWeight)),
    );
    const isLost = ([, off]: Switch): boolean => off === normalWeight && undone.some((other) => other[1] === off);
    const added = now.filter((one) => isLost(one) || !before.some(([on]) => on === one[0]));
    text += [...undone.map(([, off]) => off).reverse(), ...added.map(([on]) => on)].join('');
    before = now;
  };
  for (const span of line) {
    if (span.text === '') continue;
    change(switchesOf(span.style ?? styleOf(span.token, theme)));
    // Ink takes sequences in a text for its own.
    const shown = harmless(span.text);
    text += theme.ascii ? asciiText(shown) : shown;
  }
  change([]);
  return text;
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
