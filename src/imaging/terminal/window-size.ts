import type { Size } from '../cells/cells.ts';

/** No window has more cells; what says so has not been told its size either. */
const most: Size = { columns: 1000, rows: 400 };

/**
 * The size of the window behind a stream. A terminal that has not been told it says 0 (`docker run -t`, `script`, a
 * serial line), which is as good as no terminal: COLUMNS and LINES count then, if they are numbers.
 * @param otherwise where nothing says it
 */
export function windowSize(
  stream: { columns?: number; rows?: number },
  env: Readonly<Record<string, string | undefined>>,
  otherwise: Size = { columns: 80, rows: 24 },
): Size {
  const told = (text: string | undefined): number => (/^\d{1,5}$/.test(text ?? '') ? Number(text) : 0);
  return {
    columns: Math.min(stream.columns || told(env['COLUMNS']) || otherwise.columns, most.columns),
    rows: Math.min(stream.rows || told(env['LINES']) || otherwise.rows, most.rows),
  };
}

/** Whether a terminal knows how large it is. */
export const knowsSize = ({ columns, rows }: { columns?: number; rows?: number }): boolean =>
  Boolean(columns) && Boolean(rows);
