import { Box, Text } from 'ink';
import { memo, type ReactElement } from 'react';
import { encodeRow } from '../imaging/ansi.ts';
import type { Cell } from '../imaging/cells.ts';
import { frameCells, type Frame } from './frame.ts';
import type { Theme } from './theme.ts';

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
  const rows = frameCells({ ...frame, overlays: [] }, theme);
  return (
    <Box width={frame.size.columns} height={frame.size.rows}>
      {rows.flatMap((cells, row) =>
        piecesOf(cells).map((piece) => (
          <PieceView
            key={`${row},${piece.column}`}
            row={row}
            column={piece.column}
            columns={piece.cells.length}
            text={encodeRow(piece.cells, theme.depth)}
          />
        )),
      )}
    </Box>
  );
}
