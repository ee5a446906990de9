/**
 * Pictures: a contact sheet of 256 tiles beside Pillow, also dithered, the bytes and milliseconds of a picture by each protocol, and
 * the longest time that drawing them holds up everything else. `npm run bench -- pictures`
 */
import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { CellGrid, Picture, Raster } from '../src/imaging/cells/cells.ts';
import { encodeGrid } from '../src/imaging/cells/ansi.ts';
import { OverlayPainter } from '../src/imaging/terminal/painter.ts';
import { blocksOf } from '../src/imaging/pictures/blocks.ts';
import { encodePicture, palettePng, type PixelProtocol } from '../src/imaging/pictures/encoder.ts';
import { contactSheet, resized } from '../src/imaging/pictures/fit.ts';
import { enlargedIndices, quantised } from '../src/imaging/pictures/quantise.ts';
import { defaultMode, PictureLayer } from '../src/imaging/pictures/picture-layer.ts';
import { median, Peer, timed } from './peer.ts';

const protocols: PixelProtocol[] = ['kitty', 'kitty-direct', 'iterm2', 'sixel'];

/** Like a patch of a photograph: smooth shapes, some noise. */
function patch(seed: number, width = 32, height = 32): Raster {
  const pixels = new Uint8Array(width * height * 3);
  let noise = seed + 1;
  for (let place = 0; place < width * height; place++) {
    const [x, y] = [(place % width) / width, Math.floor(place / width) / height];
    for (let channel = 0; channel < 3; channel++) {
      noise = (noise * 1103515245 + 12345) % 2147483648;
      const shape = Math.sin(6 * x + seed + channel) * Math.cos(5 * y - seed / 3);
      pixels[3 * place + channel] = 128 + 90 * shape + (noise / 2147483648) * 20;
    }
  }
  return { width, height, channels: 3, pixels };
}

const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

function asPng(sheet: Raster, factor: number): Promise<Buffer> {
  const raster = enlargedIndices(quantised(sheet, 255), factor);
  return palettePng(raster, raster);
}

const inBlocks = (depth: '256' | '16') => blocksOf(contactSheet(tiles, 16), { columns: 200, rows: 100, depth });

const tiles = Array.from({ length: 256 }, (_, index) => patch(index));
const folder = await mkdtemp(join(tmpdir(), 'deepview-bench-'));
await writeFile(join(folder, 'tiles'), Buffer.concat(tiles.map(({ pixels }) => pixels)));
const peer = new Peer('pictures.py', [join(folder, 'tiles')]);
const small = () => contactSheet(tiles, 16, { width: 24, height: 24 });
const smaller = () => resized(contactSheet(tiles, 16), 400, 400);
const works = {
  'each tile twice as large': () => contactSheet(tiles, 16, { width: 64, height: 64 }),
  // No filter of Pillow's does the same; see pictures.py.
  'each tile to 24x24': small,
  'each tile to 24x24, Pillow bilinear': small,
  'the whole to 400x400': smaller,
  'the whole to 400x400, Pillow bilinear': smaller,
  // What is done for the screen: 255 colours, enlarged, packed for the terminal.
  'as a PNG of 255 colours, twice as large': () => asPng(contactSheet(tiles, 16), 2),
  'as a PNG of 255 colours, to 400x400': () => asPng(resized(contactSheet(tiles, 16), 400, 400), 1),
  // Dithered, Pillow to the pixels that are quarters of cells here.
  'in blocks of 256 colours, 200x100 cells': () => inBlocks('256'),
  'in blocks of 16 colours, 200x100 cells': () => inBlocks('16'),
};
for (const [name, work] of Object.entries(works)) {
  const own: number[] = [];
  const theirs: number[] = [];
  let bytes = '';
  for (let round = 0; round < 25; round++) {
    const [milliseconds, made] = await timed<Raster | Buffer | CellGrid>(work);
    own.push(milliseconds);
    const answer = (await peer.ask(name)) as { ms: number; bytes: number };
    theirs.push(answer.ms);
    if (made instanceof Buffer) bytes = `, ${kib(made.length)} / ${kib(answer.bytes)}`;
  }
  const [ours, pillow] = [median(own.slice(5)), median(theirs.slice(5))];
  console.log(
    `contact sheet of 256 tiles of 32x32, ${name}: ${ours.toFixed(1)} ms; Pillow ${pillow.toFixed(1)} ms; ratio ${(ours / pillow).toFixed(2)} (goal 0.30)${bytes}`,
  );
}
peer.close();
await rm(folder, { recursive: true });

const one: Picture = { row: 0, column: 0, rows: 8, columns: 16, raster: patch(3, 128, 128), key: 'one' };
for (const [registers, colours] of [
  [256, '256 colours'],
  [16, '16 colours'],
] as const) {
  for (const protocol of protocols) {
    if (registers === 16 && protocol !== 'sixel') continue;
    const times: number[] = [];
    let encoded = await encodePicture(one, protocol, { ...defaultMode, registers }, 1);
    for (let round = 0; round < 9; round++) {
      const [milliseconds, result] = await timed(() => encodePicture(one, protocol, { ...defaultMode, registers }, 1));
      times.push(milliseconds);
      encoded = result;
    }
    const { handOver, draw = '', cells = [] } = encoded;
    const shown = cells.length > 0 ? Buffer.byteLength(encodeGrid(cells, 'truecolour')) : Buffer.byteLength(draw);
    console.log(
      `128x128 by ${protocol}${protocol === 'sixel' ? `, ${colours}` : ''}: ${median(times).toFixed(1)} ms; once ${kib(Buffer.byteLength(handOver))}, each time it is drawn ${kib(shown)}`,
    );
  }
}
for (const depth of ['truecolour', '256', '16', 'none'] as const) {
  const draw = () => blocksOf(one.raster, { columns: 16, rows: 8, depth });
  const times: number[] = [];
  for (let round = 0; round < 9; round++) times.push((await timed(draw))[0]);
  console.log(
    `128x128 in blocks, ${depth}: ${median(times).toFixed(2)} ms, ${kib(Buffer.byteLength(encodeGrid(draw(), depth)))}`,
  );
}

for (const protocol of protocols) {
  const sink = { columns: 200, rows: 60, isTTY: true, write: () => true };
  const painter = new OverlayPainter({
    stdout: Object.assign(new EventEmitter(), sink) as unknown as NodeJS.WriteStream,
    depth: 'truecolour',
  });
  painter.stream.write('\u001b[?1049h');
  const layer = new PictureLayer({ painter, mode: { ...defaultMode, protocol } });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  delay.enable();
  const sheet: Picture = { row: 0, column: 60, rows: 48, columns: 96, raster: patch(7, 768, 768), key: 'sheet' };
  const many = Array.from({ length: 12 }, (_, index): Picture => {
    const raster = patch(index, 128, 128);
    return { row: 9 * Math.floor(index / 3), column: 18 * (index % 3), rows: 8, columns: 16, raster, key: `k${index}` };
  });
  const start = performance.now();
  layer.show({ overlays: [], pictures: [...many, sheet] });
  const first = performance.now() - start;
  await layer.settled();
  const all = performance.now() - start;
  await new Promise((resolve) => setTimeout(resolve, 5));
  delay.disable();
  const before = painter.bytesWritten;
  layer.show({ overlays: [], pictures: [...many, sheet] });
  await new Promise((resolve) => setTimeout(resolve, 5));
  console.log(
    `12 pictures of 128x128 and one of 768x768 by ${protocol}: in blocks after ${first.toFixed(0)} ms, in pixels after ${all.toFixed(0)} ms, ` +
      `${kib(before)}; longest pause ${(delay.max / 1e6).toFixed(0)} ms (goal 30); shown again ${painter.bytesWritten - before} bytes`,
  );
  layer.close();
}
