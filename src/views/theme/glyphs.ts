import type { Theme } from './theme.ts';

/** The signs the views use besides letters. Two sets: Unicode, and ASCII for terminals and fonts without it. */
export interface Glyphs {
  up: string;
  down: string;
  left: string;
  right: string;
  level: string;
  enter: string;
  dot: string;
  separator: string;
  live: string;
  paused: string;
  playing: string;
  finished: string;
  failed: string;
  pointer: string;
  columnMark: string;
  /** The cursor in a cell of one column. */
  cell: string;
  rowMark: string;
  barFull: string;
  /** Eighths of a bar's cell, from one to seven; empty where only whole cells can be drawn. */
  barParts: string;
  barEmpty: string;
  edge: string;
  horizontal: string;
  vertical: string;
  corners: readonly [topLeft: string, topRight: string, bottomLeft: string, bottomRight: string];
  axisTick: string;
  missing: string;
  ellipsis: string;
  done: string;
  /** Something is not what it should be. */
  differs: string;
  /** Values that are not finite, in cells of a heatmap. */
  notANumber: string;
  infinite: string;
}

const unicode: Glyphs = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  level: '→',
  enter: '⏎',
  dot: '·',
  separator: '·',
  live: '●',
  paused: '‖',
  playing: '▸',
  finished: '■',
  failed: '✗',
  pointer: '▸',
  columnMark: '▼',
  cell: '◆',
  rowMark: '◂',
  barFull: '█',
  barParts: '▏▎▍▌▋▊▉',
  barEmpty: '░',
  edge: '▕',
  horizontal: '─',
  vertical: '│',
  corners: ['╭', '╮', '╰', '╯'],
  axisTick: '┴',
  missing: '·',
  ellipsis: '…',
  done: '✓',
  differs: '≠',
  notANumber: '×',
  infinite: '∞',
};

const ascii: Glyphs = {
  up: '^',
  down: 'v',
  left: '<',
  right: '>',
  level: '=',
  enter: 'Enter',
  dot: '.',
  separator: '-',
  live: '*',
  paused: '"',
  playing: '>',
  finished: '#',
  failed: 'X',
  pointer: '>',
  columnMark: 'v',
  cell: 'X',
  rowMark: '<',
  barFull: '#',
  barParts: '',
  barEmpty: '.',
  edge: '|',
  horizontal: '-',
  vertical: '|',
  corners: ['+', '+', '+', '+'],
  axisTick: '+',
  missing: '.',
  ellipsis: '~',
  done: '+',
  differs: '!',
  notANumber: 'N',
  infinite: 'I',
};

export const glyphsOf = (theme: Pick<Theme, 'ascii'>): Glyphs => (theme.ascii ? ascii : unicode);

/**
 * A progress bar in exactly `width` columns.
 * @param share 0..1; anything else is clipped
 */
export function bar(share: number, width: number, glyphs: Glyphs): string {
  const clipped = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  const steps = glyphs.barParts.length + 1;
  const filled = Math.floor(clipped * width * steps);
  const whole = Math.floor(filled / steps);
  const part = filled % steps;
  const edge = part > 0 ? glyphs.barParts[part - 1] : '';
  return (glyphs.barFull.repeat(whole) + edge).padEnd(width, glyphs.barEmpty);
}
