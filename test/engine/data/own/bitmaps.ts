/** Red, green, blue; white, grey, black: [2, 3, 3]. */
export const sixColours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 100, 100, 100, 0, 0, 0];
const rows = [sixColours.slice(0, 9), sixColours.slice(9)];

const le = (bytes: number, ...values: number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const own = Buffer.alloc(bytes);
      if (bytes === 2) own.writeUInt16LE(value & 0xffff);
      else own.writeInt32LE(value | 0);
      return own;
    }),
  );

/** A BMP of 3 x 2 pixels; `height` is negative where the upper row comes first. */
function bmp(
  bits: number,
  lines: readonly number[][],
  { height = 2, palette = [] as number[], compression = 0 } = {},
): Buffer {
  const padded = lines.map((line) => Buffer.from([...line, ...Array<number>((4 - (line.length % 4)) % 4).fill(0)]));
  const colours = Buffer.from(palette);
  const masks = compression === 3 ? le(4, 0xf800, 0x7e0, 0x1f) : Buffer.alloc(0);
  const data = Buffer.concat(padded);
  const offset = 54 + masks.length + colours.length;
  return Buffer.concat([
    ...[Buffer.from('BM'), le(4, offset + data.length, 0, offset)],
    ...[le(4, 40, 3, height), le(2, 1, bits), le(4, compression, data.length, 2835, 2835, palette.length / 4, 0)],
    ...[masks, colours, data],
  ]);
}

const bgr = (row: readonly number[], fourth: readonly number[] = []): number[] =>
  [0, 3, 6].flatMap((at) => [row[at + 2], row[at + 1], row[at], ...fourth]);
const packed = (row: readonly number[]): number[] =>
  [0, 3, 6].flatMap((at) => {
    const word = ((row[at] >> 3) << 11) | ((row[at + 1] >> 2) << 5) | (row[at + 2] >> 3);
    return [word & 255, word >> 8];
  });
const palette = [0, 1, 2, 3, 4, 5].flatMap((at) => [2, 1, 0].map((channel) => sixColours[3 * at + channel]).concat(0));

/** BMPs of the six colours, as programs of forty years have written them. */
export const bmps: Readonly<Record<string, Buffer>> = {
  'of 24 bits': bmp(24, [bgr(rows[1]), bgr(rows[0])]),
  'of 24 bits, the upper row first': bmp(24, [bgr(rows[0]), bgr(rows[1])], { height: -2 }),
  'of 32 bits, the last eight empty': bmp(32, [bgr(rows[1], [0]), bgr(rows[0], [0])]),
  'of 8 bits with a palette': bmp(
    8,
    [
      [3, 4, 5],
      [0, 1, 2],
    ],
    { palette },
  ),
  'of 4 bits with a palette': bmp(
    4,
    [
      [0x34, 0x50],
      [0x01, 0x20],
    ],
    { palette },
  ),
  'of 8 bits, run-length encoded': bmp(8, [[0, 3, 3, 4, 5, 0, 0, 0, 1, 0, 1, 1, 1, 2, 0, 1]], {
    palette,
    compression: 1,
  }),
};

/** One of 5, 6 and 5 bits, where the grey is one of 99, 101 and 99. */
export const bmp565 = bmp(16, [packed(rows[1]), packed(rows[0])], { compression: 3 });

const scaled = (maximum: number): number[] => sixColours.map((value) => Math.round((value * maximum) / 255));
const wide = (values: readonly number[]): Buffer => Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
const head = (text: string): Buffer => Buffer.from(text);

/** Netpbm files of the six colours. */
export const netpbms: Readonly<Record<string, Buffer>> = {
  'P6 with a comment': Buffer.concat([head('P6\n# made by hand\n3 2\n255\n'), Buffer.from(sixColours)]),
  'P6 of 16 bits': Buffer.concat([head('P6 3 2 65535\n'), wide(scaled(65_535))]),
  'P6 of 10 bits': Buffer.concat([head('P6 3 2 1023\n'), wide(scaled(1023))]),
  'P3, in digits': head(`P3\n3 2\n255\n${sixColours.join(' ')}\n`),
};

/** Netpbm files of 0, 51, 102; 153, 204, 255 in grey, or black and white. */
export const greyNetpbms: readonly [string, Buffer, number[]][] = [
  ['P5', Buffer.concat([head('P5 3 2 255\n'), Buffer.from([0, 51, 102, 153, 204, 255])]), [0, 51, 102, 153, 204, 255]],
  [
    'P5 of values to 5',
    Buffer.concat([head('P5 3 2 5\n'), Buffer.from([0, 1, 2, 3, 4, 5])]),
    [0, 51, 102, 153, 204, 255],
  ],
  ['P2, in digits', head('P2\n3 2\n5\n0 1 2\n3 4 5\n'), [0, 51, 102, 153, 204, 255]],
  ['P4', Buffer.concat([head('P4\n3 2\n'), Buffer.from([0b10100000, 0b01000000])]), [0, 255, 0, 255, 0, 255]],
  ['P1, in digits', head('P1\n3 2\n1 0 1\n0 1 0\n'), [0, 255, 0, 255, 0, 255]],
];

/**
 * A grey TIFF of one strip, 2 x 2.
 * @param format of a sample: 1 unsigned, 2 signed, 3 floating point
 * @param photometric 0 where zero is white, 1 where it is black
 */
export function tiff(
  data: Buffer,
  { bits, format = 1, photometric = 1 }: { bits: number; format?: number; photometric?: number },
): Buffer {
  const tags: [tag: number, type: number, value: number][] = [
    ...([
      [256, 3, 2],
      [257, 3, 2],
      [258, 3, bits],
      [259, 3, 1],
      [262, 3, photometric],
      [273, 4, 8],
    ] as const),
    ...([
      [277, 3, 1],
      [278, 3, 2],
      [279, 4, data.length],
      [339, 3, format],
    ] as const),
  ].map(([tag, type, value]) => [tag, type, value]);
  const entries = tags.map(([tag, type, value]) => Buffer.concat([le(2, tag, type), le(4, 1, value)]));
  return Buffer.concat([Buffer.from('II*\0'), le(4, 8 + data.length), data, le(2, tags.length), ...entries, le(4, 0)]);
}
