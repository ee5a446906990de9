import type { Cell, CellGrid, Rgb } from '../cells/cells.ts';
import { sameStyle, sizeOf } from '../cells/grid.ts';
import { darkPicture, inkAndPaper, type PictureTheme } from './picture-colours.ts';

const cellWidth = 10;
const cellHeight = 20;
const baseline = 15;

function hex(colour: Rgb): string {
  return `#${colour.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

function escaped(text: string): string {
  // What XML 1.0 cannot hold at all becomes the replacement character.
  return (
    text
      // eslint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
  );
}

/** Runs of equal style in a row: [first column, end column). */
function runsOf(row: readonly Cell[]): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = [];
  row.forEach((cell, column) => {
    const last = runs.at(-1);
    if (last && sameStyle(row[last.from], cell)) last.to = column + 1;
    else runs.push({ from: column, to: column + 1 });
  });
  return runs;
}

/**
 * The grid as an SVG document of 10x20 units a cell: rectangles for backgrounds, text in the reader's monospace font,
 * each run stretched to its cells.
 */
export function svgOf(grid: CellGrid, theme: PictureTheme = darkPicture): string {
  const { rows, columns } = sizeOf(grid);
  const [width, height] = [columns * cellWidth, rows * cellHeight];
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" fill="${hex(theme.background)}"/>`,
    `<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="16.5" xml:space="preserve">`,
  ];
  grid.forEach((row, index) => {
    for (const { from, to } of runsOf(row)) {
      const cell = row[from];
      const { ink, paper } = inkAndPaper(cell, theme);
      const [x, y, length] = [from * cellWidth, index * cellHeight, (to - from) * cellWidth];
      if (hex(paper) !== hex(theme.background)) {
        parts.push(
          `<rect x="${x}" y="${y}" width="${length}" height="${cellHeight}" fill="${hex(paper)}" shape-rendering="crispEdges"/>`,
        );
      }
      const text = row
        .slice(from, to)
        .map((part) => part.text)
        .join('');
      if (text.trim() === '' && !cell.underline) continue;
      const look = `${cell.bold ? ' font-weight="bold"' : ''}${cell.italic ? ' font-style="italic"' : ''}${cell.underline ? ' text-decoration="underline"' : ''}`;
      parts.push(
        `<text x="${x}" y="${y + baseline}" fill="${hex(ink)}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${look}>${escaped(text)}</text>`,
      );
    }
  });
  return `${parts.join('\n')}\n</g>\n</svg>\n`;
}
