import { describe, expect, test } from 'vitest';
import type { PixelProtocol } from '../../../src/imaging/pictures/encoder.ts';
import { PictureCache } from '../../../src/imaging/pictures/picture-cache.ts';
import {
  pictureScreen,
  quarterColours,
  quarterPicture,
  quarterRaster,
  quarters,
} from '../../support/terminal/pictures.ts';

const protocols: PixelProtocol[] = ['kitty', 'kitty-direct', 'iterm2', 'sixel'];
const turned = (by: number): number[][] => [0, 1, 2, 3].map((quarter) => [...quarters[(quarter + by) % 4]]);
const none = [undefined, undefined, undefined, undefined];
// 16 x 16 in 8 x 4 cells of 8 x 16 pixels: four times as large; sixels come six rows at a time.
const sizeBy = (protocol: PixelProtocol) =>
  protocol === 'sixel' ? { width: 60, height: 60 } : { width: 64, height: 64 };

describe.each(protocols)('a picture by %s', (protocol) => {
  const shown = sizeBy(protocol);
  test('has its colours where they belong, and stays when text beside it changes', async () => {
    const { emulator, layer, painter, settle } = pictureScreen({ mode: { protocol } });
    const picture = quarterPicture();
    layer.show({ overlays: [], pictures: [picture] });
    await settle();
    await settle();
    expect(quarterColours(emulator, picture, shown)).toEqual(turned(0));
    expect(emulator.pixel(3 * 8 - 2, 3 * 16)).toBeUndefined();
    expect(emulator.pixel(3 * 8 + 66, 3 * 16)).toBeUndefined();
    painter.stream.write('\u001b[1;1Htext above\u001b[8;1Htext below');
    const sent = await settle();
    expect(sent).not.toContain('\u001b_G');
    expect(sent.length).toBeLessThan(80);
    expect(quarterColours(emulator, picture, shown)).toEqual(turned(0));
    expect(emulator.faults).toEqual([]);
  });

  test('begins as blocks, and becomes pixels by itself', async () => {
    const { emulator, layer, stdout, settle } = pictureScreen({ mode: { protocol } });
    layer.show({ overlays: [], pictures: [quarterPicture()] });
    await Promise.resolve();
    await emulator.write(stdout.sent.splice(0).join(''));
    expect(emulator.screen()[2][3]).toEqual({ text: ' ', background: [255, 0, 0] });
    expect(quarterColours(emulator, quarterPicture(), shown)).toEqual(none);
    await settle();
    expect(quarterColours(emulator, quarterPicture(), shown)).toEqual(turned(0));
  });

  test('goes away with its frame, moves, and changes', async () => {
    let time = 0;
    const { emulator, layer, settle } = pictureScreen({ mode: { protocol }, now: () => time });
    const first = quarterPicture();
    layer.show({ overlays: [], pictures: [first] });
    await settle();
    const moved = quarterPicture({ row: 5, column: 20 });
    layer.show({ overlays: [], pictures: [moved] });
    await settle();
    expect(quarterColours(emulator, first, shown)).toEqual(none);
    expect(quarterColours(emulator, moved, shown)).toEqual(turned(0));
    time = 5000;
    const changed = quarterPicture({ row: 5, column: 20, raster: quarterRaster(16, 16, 1), key: 'turned' });
    layer.show({ overlays: [], pictures: [changed] });
    await settle();
    expect(quarterColours(emulator, changed, shown)).toEqual(turned(1));
    layer.show({ overlays: [], pictures: [] });
    await settle();
    expect(quarterColours(emulator, changed, shown)).toEqual(none);
    expect(emulator.placements).toBe(0);
    expect(emulator.faults).toEqual([]);
  });

  test('yields to a dialog over it, and comes back without being made again', async () => {
    const { emulator, layer, settle } = pictureScreen({ mode: { protocol } });
    const picture = quarterPicture();
    layer.show({ overlays: [], pictures: [picture] });
    await settle();
    const cover = { row: 1, column: 1, rows: 4, columns: 6 };
    layer.show({ overlays: [], pictures: [picture], cover });
    await settle();
    const [topLeft, , , bottomRight] = quarterColours(emulator, picture, shown);
    expect(topLeft).toBeUndefined();
    expect(emulator.screen()[2][3].text).toBe(' ');
    expect(emulator.screen()[2][3].background).toBeUndefined();
    // What the dialog leaves is still drawn, in pixels or in blocks.
    if (protocol === 'kitty') expect(bottomRight).toEqual(turned(0)[3]);
    else expect(emulator.screen()[5][10]).toEqual({ text: ' ', background: [255, 255, 0] });
    layer.show({ overlays: [], pictures: [picture] });
    await settle();
    expect(quarterColours(emulator, picture, shown)).toEqual(turned(0));
  });

  test('is in blocks where it does not fit on the screen', async () => {
    const { emulator, layer, settle } = pictureScreen({ mode: { protocol } });
    const large = quarterPicture({ row: 1, column: 1, rows: 100, columns: 200, raster: quarterRaster(400) });
    layer.show({ overlays: [], pictures: [large] });
    await settle();
    await settle();
    if (protocol === 'kitty') expect(emulator.pixel(20, 30)).toEqual([255, 0, 0]);
    else expect(emulator.screen()[1][1]).toEqual({ text: ' ', background: [255, 0, 0] });
    expect(emulator.faults).toEqual([]);
  });

  test('is whole again after a resize, and after being drawn anew', async () => {
    const { emulator, layer, painter, stdout, settle } = pictureScreen({ mode: { protocol } });
    const picture = quarterPicture();
    layer.show({ overlays: [], pictures: [picture] });
    await settle();
    Object.assign(stdout, { columns: 30, rows: 10 });
    emulator.resize(30, 10);
    stdout.emit('resize');
    layer.show({ overlays: [], pictures: [picture] });
    await settle();
    expect(quarterColours(emulator, picture, shown)).toEqual(turned(0));
    // A terminal in whose place another one has come.
    emulator.images.clear();
    layer.resend();
    painter.repaint();
    await settle();
    expect(quarterColours(emulator, picture, shown)).toEqual(turned(0));
    expect(emulator.faults).toEqual([]);
  });

  test('follows the size of the cells', async () => {
    const { emulator, layer, settle } = pictureScreen({
      mode: { protocol },
      persona: { cell: { width: 10, height: 21 } },
    });
    const picture = quarterPicture();
    layer.show({ overlays: [], pictures: [picture] });
    await settle();
    // Five times would be 80 high, and 84 are there; sixels come six rows at a time.
    expect(quarterColours(emulator, picture, { width: 80, height: 80 })).toEqual(turned(0));
    layer.setMode({ cell: { width: 4, height: 8 } });
    await settle();
    expect(emulator.faults).toEqual([]);
  });

  test('leaves nothing behind', async () => {
    const { emulator, layer, painter, settle } = pictureScreen({ mode: { protocol } });
    layer.show({ overlays: [], pictures: [quarterPicture(), quarterPicture({ row: 7, key: 'other' })] });
    await settle();
    painter.stream.write('\u001b[?1049l');
    const sent = await settle();
    expect(emulator.images.size).toBe(0);
    expect(sent.indexOf('a=d')).toBeLessThan(sent.indexOf('\u001b[?1049l'));
  });
});

test('nothing is encoded again for a picture that comes back', async () => {
  let time = 0;
  const { emulator, layer, settle } = pictureScreen({ mode: { protocol: 'kitty' }, now: () => time });
  const one = quarterPicture();
  const other = quarterPicture({ raster: quarterRaster(16, 16, 1), key: 'turned' });
  for (const picture of [one, other]) {
    layer.show({ overlays: [], pictures: [picture] });
    await settle();
    time += 1000;
  }
  for (const picture of [one, other, one]) {
    layer.show({ overlays: [], pictures: [picture] });
    const sent = await settle();
    expect(sent).not.toContain('\u001b_G');
    expect(quarterColours(emulator, picture, sizeBy('kitty'))).toEqual(turned(picture === one ? 0 : 1));
  }
});

test('a place changes its picture once a second, and shows the newest in blocks meanwhile', async () => {
  let time = 0;
  const { emulator, layer, settle } = pictureScreen({ mode: { protocol: 'sixel' }, now: () => time });
  const pictureOf = (turn: number) => quarterPicture({ raster: quarterRaster(16, 16, turn), key: `turned ${turn}` });
  let sent = '';
  for (let turn = 0; turn < 40; turn++) {
    layer.show({ overlays: [], pictures: [pictureOf(turn)] });
    sent += await settle();
    time += 100;
  }
  expect(sent.split('\u001bP').length - 1).toBe(4);
  const last = emulator.screen()[2][3].background;
  expect(last).toEqual([...quarters[39 % 4]]);
  time += 1000;
  // By itself, without another frame.
  layer.show({ overlays: [], pictures: [pictureOf(39)] });
  await settle();
  expect(quarterColours(emulator, quarterPicture(), sizeBy('sixel'))).toEqual(turned(39));
});

test('a full cache gives up what is not shown, and never what is', async () => {
  const cache = new PictureCache(3);
  const { emulator, layer, settle } = pictureScreen({ mode: { protocol: 'kitty' }, cache });
  const small = (index: number) =>
    quarterPicture({
      row: 1 + 2 * (index % 4),
      column: 1 + 5 * Math.floor(index / 4),
      rows: 2,
      columns: 4,
      key: `k${index}`,
    });
  for (let index = 0; index < 12; index++) {
    layer.show({ overlays: [], pictures: [small(index)] });
    await settle();
    expect(cache.size).toBeLessThanOrEqual(3);
    expect(emulator.images.size).toBe(cache.size);
    expect(quarterColours(emulator, small(index), { width: 32, height: 32 })).toEqual(turned(0));
  }
  const many = [0, 1, 2, 3, 4, 5].map(small);
  layer.show({ overlays: [], pictures: many });
  await settle();
  const inPixels = many.filter((picture) => emulator.pixel((picture.column + 1) * 8, picture.row * 16 + 8));
  expect(inPixels).toHaveLength(3);
  for (const picture of many.filter((one) => !inPixels.includes(one))) {
    expect(emulator.screen()[picture.row][picture.column].background).toEqual([255, 0, 0]);
  }
  expect(emulator.faults).toEqual([]);
});

test('a cache full of bytes gives them back with its pictures', () => {
  const picture = (bytes: number) => ({ columns: 1, rows: 1, handOver: 'x'.repeat(bytes - 40), draw: 'y'.repeat(40) });
  const cache = new PictureCache(200, 100);
  cache.put('a', picture(60), 1);
  expect(cache.makeRoom(() => true)).toEqual([]);
  cache.put('b', picture(60), 2);
  expect(cache.makeRoom(() => true)).toBeUndefined();
  // The least recently used goes, and what it took with it is free.
  cache.get('a');
  expect(cache.makeRoom(() => false)?.map(({ id }) => id)).toEqual([2]);
  cache.put('c', picture(60), 3);
  expect(cache.keep((key) => key === 'c').map(({ id }) => id)).toEqual([1]);
  for (let turn = 0; turn < 5; turn++) {
    expect(cache.makeRoom(() => true)).toEqual([]);
    cache.put('d', picture(60), 4);
    expect(cache.keep((key) => key === 'c')).toHaveLength(1);
  }
  expect(cache.size).toBe(1);
});

test('pictures wait while the terminal takes nothing, and a resize then leaves no trace of the old size', async () => {
  const { emulator, layer, stdout, settle } = pictureScreen({ mode: { protocol: 'kitty' } });
  stdout.writableNeedDrain = true;
  layer.show({
    overlays: [],
    pictures: [0, 1, 2].map((index) => quarterPicture({ column: 1 + 10 * index, key: `k${index}` })),
  });
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  // The frame in blocks was under way; no picture was handed over after it.
  expect(stdout.sent.join('').split('\u001b_G').length).toBeLessThanOrEqual(2);
  emulator.resize(30, 8);
  Object.assign(stdout, { columns: 30, rows: 8, writableNeedDrain: false });
  stdout.emit('resize');
  layer.setMode({ cell: { width: 6, height: 12 } });
  layer.show({ overlays: [], pictures: [quarterPicture()] });
  stdout.emit('drain');
  await settle();
  await settle();
  expect(emulator.images.size).toBe(1);
  expect([...emulator.images.values()][0].width).toBe(48);
  expect(emulator.faults).toEqual([]);
});

test('a raster that is not whole is left out, and off draws nothing', async () => {
  const { emulator, layer, settle } = pictureScreen({ mode: { protocol: 'kitty' } });
  const broken = quarterPicture({ raster: { ...quarterRaster(), pixels: new Uint8Array(5) }, key: 'broken' });
  const empty = quarterPicture({ rows: 0, columns: 0, key: 'empty' });
  layer.show({ overlays: [], pictures: [broken, empty] });
  await settle();
  expect(emulator.images.size).toBe(0);
  layer.show({ overlays: [], pictures: [quarterPicture()] });
  await settle();
  layer.setMode({ protocol: 'off' });
  await settle();
  expect(quarterColours(emulator, quarterPicture(), sizeBy('kitty'))).toEqual(none);
  expect(emulator.images.size).toBe(0);
  layer.setMode({ protocol: 'blocks' });
  await settle();
  expect(emulator.screen()[2][3]).toEqual({ text: ' ', background: [255, 0, 0] });
});
