import { Box } from 'ink';
import { createContext, use, type ReactElement, type ReactNode } from 'react';
import type { Command } from '../keys/table.ts';
import { Clickable } from '../screen/clicks.tsx';
import { LookContext, Row } from '../text/row.tsx';
import { cutLine, fit, lineWidth, type Line, type Span } from '../text/spans.ts';
import { glyphsOf } from '../theme/glyphs.ts';

const WidthContext = createContext(1);

export interface PanelProps {
  title: string;
  /** Columns of the text, without border and margin, where the screen is wide enough. */
  width: number;
  /** {@link PanelRow}s; those for which the screen is not high enough are left out. */
  children: ReactNode;
}

/** A panel with its title in the border. Ink's borders have no titles. */
export function Panel({ title, width, children }: PanelProps): ReactElement {
  const { size, theme } = use(LookContext);
  const { corners, horizontal } = glyphsOf(theme);
  const inner = Math.max(1, Math.min(width, size.columns - 6));
  const [topLeft, topRight, bottomLeft, bottomRight] = corners;
  const heading = fit(` ${title} `, Math.min(inner, title.length + 2));
  const top: Line = [
    { text: `${topLeft}${horizontal}`, token: 'dialogMuted' },
    { text: heading, token: 'dialogTitle' },
    { text: `${horizontal.repeat(Math.max(0, inner + 1 - heading.length))}${topRight}`, token: 'dialogMuted' },
  ];
  const bottom: Line = [{ text: `${bottomLeft}${horizontal.repeat(inner + 2)}${bottomRight}`, token: 'dialogMuted' }];
  return (
    <WidthContext value={inner}>
      <Box flexDirection="column">
        <Row line={top} />
        <Box flexDirection="column" overflow="hidden" maxHeight={Math.max(1, size.rows - 3)}>
          {children}
        </Box>
        <Row line={bottom} />
      </Box>
    </WidthContext>
  );
}

/** A row of a panel, from border to border. @param command what a click on it does */
export function PanelRow({ line = [], command }: { line?: Line; command?: Command | undefined }): ReactElement {
  const { theme } = use(LookContext);
  const width = use(WidthContext);
  const { vertical } = glyphsOf(theme);
  const cutted = cutLine(line, width);
  const row = (
    <Row
      line={[
        { text: `${vertical} `, token: 'dialogMuted' },
        ...cutted.map((span): Span => ({ ...span, token: span.token ?? 'dialog' })),
        { text: ' '.repeat(Math.max(0, width - lineWidth(cutted))), token: 'dialog' },
        { text: ` ${vertical}`, token: 'dialogMuted' },
      ]}
    />
  );
  return command ? <Clickable command={command}>{row}</Clickable> : row;
}
