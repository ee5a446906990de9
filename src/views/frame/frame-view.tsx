import { Box, Text } from 'ink';
import { memo, type ReactElement } from 'react';
import { encodeRow } from '../../imaging/cells/ansi.ts';
import type { Cell } from '../../imaging/cells/cells.ts';
import { frameCells, type Frame } from './frame.ts';
import type { Theme } from '../theme/theme.ts';

/** A piece of a row: Ink's work grows with the characters it is given, so long gaps between pieces are not. */
interface Piece {
  column: number;
  cells: Cell[];
}

/** Blanks that are worth ending a piece for. */
const gap = 6;

const isBlank = (cell: Cell | undefined): boolean =>
  cell === undefined || (cell.text === ' ' && !cell.background && !cell.inverse && !cell.underline);

/** The pieces of a row between its gaps; none for an empty row. */
export function piecesOf(row: readonly Cell[]): Piece[] {
  const pieces: Piece[] = [];
  let start = -1;
  let end = -1;
  row.forEach((cell, column) => {
    if (isBlank(cell)) return;
    if (start >= 0 && column - end > gap) {
      pieces.push({ column: start, cells: row.slice(start, end) });
      start = -1;
    }
    if (start < 0) start = column;
    end = column + 1;
  });
  return start < 0 ? pieces : [...pieces, { column: start, cells: row.slice(start, end) }];
}

// Ink's tokenizer takes one style a sequence, and knows a reset only when it is spelt out.
const styles = /(?:[34]8;5;\d+|[34]8;2;\d+;\d+;\d+|\d+)/g;

/** A row's text with its SGR sequences in the form that Ink reads. */
function forInk(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[([\d;]*)m/g, (_, parameters: string) =>
    (parameters.match(styles) ?? ['0']).map((style) => `\u001b[${style}m`).join(''),
  );
}

interface PieceProps {
  row: number;
  column: number;
  columns: number;
  /** Already styled: Ink keeps SGR sequences as they are, and need not style spans one by one. */
  text: string;
}

const PieceView = memo(function PieceView({ row, column, columns, text }: PieceProps): ReactElement {
  return (
    <Box position="absolute" top={row} left={column} width={columns} height={1}>
      <Text wrap="truncate">{text}</Text>
    </Box>
  );
});

/** A frame's text, each piece in its place. The overlays are not Ink's: the painter lays them over what is drawn here. */
export function FrameView({ frame, theme }: { frame: Frame; theme: Theme }): ReactElement {
  const rows = frameCells({ ...frame, overlays: [], pictures: [] }, theme);
  return (
    <Box width={frame.size.columns} height={frame.size.rows}>
      {rows.flatMap((cells, row) =>
        piecesOf(cells).map((piece) => (
          <PieceView
            key={`${row},${piece.column}`}
            row={row}
            column={piece.column}
            columns={piece.cells.length}
            text={forInk(encodeRow(piece.cells, theme.depth))}
          />
        )),
      )}
    </Box>
  );
}
