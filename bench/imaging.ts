/**
 * Milliseconds and bytes of what is drawn on every frame: a heatmap of 160x40 cells, its painting, and a screenshot of
 * 120x40 beside Pillow. `npm run bench -- imaging`
 */
import { EventEmitter } from 'node:events';
import { encodeGrid } from '../src/imaging/cells/ansi.ts';
import type { CellGrid, ColourDepth } from '../src/imaging/cells/cells.ts';
import { rangeOf } from '../src/imaging/charts/heatmap.ts';
import { OverlayPainter } from '../src/imaging/terminal/painter.ts';
import { ramp } from '../src/imaging/colour/colour-maps.ts';
import { pngOf } from '../src/imaging/files/png.ts';
import { heatmap } from '../test/support/heatmap.ts';
import { median, Peer, timed } from './peer.ts';

const rounds = 30;
const values = (shift: number): number[][] =>
  Array.from({ length: 40 }, (_, row) =>
    Array.from(
      { length: 160 },
      (__, column) => Math.sin((row + 1) * 0.3) + Math.log1p(column + shift) + 0.1 * Math.sin(column * row),
    ),
  );

async function medianOf(work: (round: number) => unknown): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push((await timed(() => work(round)))[0]);
  return `${median(times).toFixed(2)} ms`;
}

const draw = (round: number, depth: ColourDepth): CellGrid => {
  const rows = values(round);
  return heatmap(rows, rangeOf(rows.flat())!, depth);
};

for (const depth of ['truecolour', '256', '16', 'none'] as const) {
  const cells = draw(0, depth);
  console.log(
    `heatmap 160x40 ${depth}: cells ${await medianOf((round) => draw(round, depth))}, encode ${await medianOf(() => encodeGrid(cells, depth))}, ` +
      `${(Buffer.byteLength(encodeGrid(cells, depth)) / 1000).toFixed(1)} kB`,
  );
}

function painterOf(depth: ColourDepth): { painter: OverlayPainter; write: (data: string) => void } {
  const stdout = Object.assign(new EventEmitter(), { columns: 200, rows: 50, isTTY: true, write: () => true });
  const painter = new OverlayPainter({ stdout: stdout as unknown as NodeJS.WriteStream, depth });
  painter.stream.write('\u001b[?1049h');
  return { painter, write: (data) => painter.stream.write(data) };
}

for (const depth of ['truecolour', '256'] as const) {
  const { painter, write } = painterOf(depth);
  const grids = Array.from({ length: rounds }, (_, round) => draw(round, depth));
  const paint = async (round: number, isChanging: boolean): Promise<void> => {
    const cells = grids[isChanging ? round : 0];
    write(`\u001b[?2026h\u001b[Hepoch 12 batch ${isChanging ? round : 0}\u001b[K\u001b[?2026l`);
    painter.setOverlays([{ row: 3, column: 10, rows: 40, columns: 160, cells }]);
    await Promise.resolve();
  };
  let before = painter.bytesWritten;
  const changing = await medianOf((round) => paint(round, true));
  const changed = (painter.bytesWritten - before) / rounds;
  await paint(0, false);
  before = painter.bytesWritten;
  const same = await medianOf((round) => paint(round, false));
  console.log(
    `paint 160x40 ${depth}: every value new ${changing}, ${(changed / 1000).toFixed(1)} kB; unchanged ${same}, ${painter.bytesWritten - before} bytes`,
  );
}

const colours = ramp('viridis', 'truecolour');
const screen: CellGrid = Array.from({ length: 40 }, (_, row) =>
  Array.from({ length: 120 }, (__, column) =>
    row < 20
      ? { text: ' ', background: colours[(row + column) % 32] }
      : { text: String.fromCharCode(33 + ((row * 120 + column) % 94)) },
  ),
);
const own: number[] = [];
const theirs: number[] = [];
const peer = new Peer('imaging.py', ['120', '40']);
let bytes = 0;
for (let round = 0; round < 7; round++) {
  const [milliseconds, png] = await timed(() => pngOf(screen));
  own.push(milliseconds);
  bytes = png.length;
  theirs.push(((await peer.ask('go')) as { ms: number }).ms);
}
peer.close();
console.log(
  `PNG 120x40 (2400x1600 px): first ${own[0].toFixed(0)} ms, then ${median(own.slice(1)).toFixed(0)} ms, ${(bytes / 1000).toFixed(0)} kB; ` +
    `Pillow ${median(theirs.slice(1)).toFixed(0)} ms; ratio ${(median(own.slice(1)) / median(theirs.slice(1))).toFixed(2)}`,
);
