import { Box, Text } from 'ink';
import { memo, type ReactElement } from 'react';
import { encodeRow } from '../imaging/ansi.ts';
import { lineCells, type Frame, type TextBlock } from './frame.ts';
import type { Line } from './text/spans.ts';
import type { Theme } from './theme.ts';

interface RowProps {
  row: number;
  column: number;
  columns: number;
  /** Already styled: Ink keeps SGR sequences as they are, and need not style spans one by one. */
  text: string;
}

const Row = memo(function Row({ row, column, columns, text }: RowProps): ReactElement {
  return (
    <Box position="absolute" top={row} left={column} width={columns} height={1}>
      <Text wrap="truncate">{text}</Text>
    </Box>
  );
});

const isBlank = (line: Line): boolean => line.every(({ text, style, token }) => !style && !token && text.trim() === '');

function Block({ block, theme }: { block: TextBlock; theme: Theme }): ReactElement {
  return (
    <>
      {block.lines
        .slice(0, block.rows)
        .map((line, index) =>
          isBlank(line) ? null : (
            <Row
              key={index}
              row={block.row + index}
              column={block.column}
              columns={block.columns}
              text={encodeRow(lineCells(line, block.columns, theme), theme.depth)}
            />
          ),
        )}
    </>
  );
}

/** A frame's text, each line in its place. The overlays are not Ink's: the painter lays them over what is drawn here. */
export function FrameView({ frame, theme }: { frame: Frame; theme: Theme }): ReactElement {
  return (
    <Box width={frame.size.columns} height={frame.size.rows}>
      {frame.blocks.map((block) => (
        <Block key={`${block.row},${block.column}`} block={block} theme={theme} />
      ))}
      {frame.dialog && <Block key="dialog" block={frame.dialog} theme={theme} />}
    </Box>
  );
}
