import type { Theme } from './theme.ts';

// The signs the views use besides letters: as Unicode, and in ASCII for terminals and fonts without it.
const signs = {
  up: ['↑', '^'],
  down: ['↓', 'v'],
  left: ['←', '<'],
  right: ['→', '>'],
  level: ['→', '='],
  separator: ['·', '-'],
  live: ['●', '*'],
  paused: ['‖', '"'],
  playing: ['▸', '>'],
  finished: ['■', '#'],
  failed: ['✗', 'X'],
  pointer: ['▸', '>'],
  columnMark: ['▼', 'v'],
  /** The cursor in a cell of one column. */
  cell: ['◆', 'X'],
  barFull: ['█', '#'],
  /** Eighths of a bar's cell, from one to seven; empty where only whole cells can be drawn. */
  barParts: ['▏▎▍▌▋▊▉', ''],
  barEmpty: ['░', '.'],
  edge: ['▕', '|'],
  horizontal: ['─', '-'],
  vertical: ['│', '|'],
  /** Top left, top right, bottom left, bottom right. */
  corners: ['╭╮╰╯', '++++'],
  ellipsis: ['…', '~'],
  done: ['✓', '+'],
  /** Something is not what it should be. */
  differs: ['≠', '!'],
  /** Values that are not finite, in cells of a heatmap. */
  notANumber: ['×', 'N'],
  infinite: ['∞', 'I'],
} as const;

export type Glyphs = Readonly<Record<keyof typeof signs, string>>;

const [unicode, ascii] = [0, 1].map(
  (set) => Object.fromEntries(Object.entries(signs).map(([name, pair]) => [name, pair[set]])) as Glyphs,
);

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
