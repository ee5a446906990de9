/**
 * Coverage of one cell, 0..15, row-major [cellHeight][cellWidth].
 */
export type Mask = Uint8Array;

/** Pixels of a cell in a picture at full size. */
export const cellWidth = 20;
export const cellHeight = 40;

const full = 15;
const centreX = cellWidth / 2;
const centreY = cellHeight / 2;
const lightStroke = 2;
const heavyStroke = 6;
const doubleGap = 3;

function emptyMask(): Mask {
  return new Uint8Array(cellWidth * cellHeight);
}

/** Fills [x0, x1) x [y0, y1), in pixels. */
function fill(mask: Mask, x0: number, y0: number, x1: number, y1: number, ink: number = full): void {
  for (let y = Math.max(0, y0); y < Math.min(cellHeight, y1); y++) {
    for (let x = Math.max(0, x0); x < Math.min(cellWidth, x1); x++) mask[y * cellWidth + x] = ink;
  }
}

/** Inks where `distance` (in pixels, negative inside) says so, with smooth edges. */
function inkBy(mask: Mask, distance: (x: number, y: number) => number): void {
  for (let y = 0; y < cellHeight; y++) {
    for (let x = 0; x < cellWidth; x++) {
      const ink = Math.round(full * Math.min(1, Math.max(0, 0.5 - distance(x + 0.5, y + 0.5))));
      const place = y * cellWidth + x;
      if (ink > mask[place]) mask[place] = ink;
    }
  }
}

// Which quarters (upper left 1, upper right 2, lower left 4, lower right 8) U+2596..U+259F fill.
const quadrants = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14] as const;

function blockElement(code: number): Mask {
  const mask = emptyMask();
  const eighths = (count: number, length: number): number => Math.round((count * length) / 8);
  if (code === 0x2580) fill(mask, 0, 0, cellWidth, cellHeight / 2);
  else if (code <= 0x2588) fill(mask, 0, cellHeight - eighths(code - 0x2580, cellHeight), cellWidth, cellHeight);
  else if (code <= 0x258f) fill(mask, 0, 0, eighths(0x2590 - code, cellWidth), cellHeight);
  else if (code === 0x2590) fill(mask, cellWidth / 2, 0, cellWidth, cellHeight);
  else if (code <= 0x2593) fill(mask, 0, 0, cellWidth, cellHeight, [4, 8, 11][code - 0x2591]);
  else if (code === 0x2594) fill(mask, 0, 0, cellWidth, eighths(1, cellHeight));
  else if (code === 0x2595) fill(mask, cellWidth - eighths(1, cellWidth), 0, cellWidth, cellHeight);
  else {
    const quarters = quadrants[code - 0x2596];
    for (let quarter = 0; quarter < 4; quarter++) {
      if (!(quarters & (1 << quarter))) continue;
      const x = (quarter % 2) * centreX;
      const y = Math.floor(quarter / 2) * centreY;
      fill(mask, x, y, x + centreX, y + centreY);
    }
  }
  return mask;
}

const brailleDots = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80] as const;
const dotRadius = 3.3;

function braille(code: number): Mask {
  const mask = emptyMask();
  brailleDots.forEach((bit, place) => {
    if (!(code & bit)) return;
    const x = ((place % 2) + 0.5) * (cellWidth / 2);
    const y = (Math.floor(place / 2) + 0.5) * (cellHeight / 4);
    inkBy(mask, (px, py) => Math.hypot(px - x, py - y) - dotRadius);
  });
  return mask;
}

// Arms of U+2500..U+257F: left, right, up, down; 0 none, 1 light, 2 heavy, 3 double. Dashes, arcs and diagonals apart.
// prettier-ignore
const arms = (
  '1100 2200 0011 0022 1100 2200 0011 0022 1100 2200 0011 0022 0101 0201 0102 0202 ' +
  '1001 2001 1002 2002 0110 0210 0120 0220 1010 2010 1020 2020 0111 0211 0121 0112 ' +
  '0122 0221 0212 0222 1011 2011 1021 1012 1022 2021 2012 2022 1101 2101 1201 2201 ' +
  '1102 2102 1202 2202 1110 2110 1210 2210 1120 2120 1220 2220 1111 2111 1211 2211 ' +
  '1121 1112 1122 2121 1221 2112 1212 2221 2212 2122 1222 2222 1100 2200 0011 0022 ' +
  '3300 0033 0301 0103 0303 3001 1003 3003 0310 0130 0330 3010 1030 3030 0311 0133 ' +
  '0333 3011 1033 3033 3301 1103 3303 3310 1130 3330 3311 1133 3333 0101 1001 1010 ' +
  '0110 0000 0000 0000 1000 0010 0100 0001 2000 0020 0200 0002 1200 0012 2100 0021'
).split(' ');
const dashes = new Map<number, number>([
  ...[0x2504, 0x2505, 0x2506, 0x2507].map((code) => [code, 3] as const),
  ...[0x2508, 0x2509, 0x250a, 0x250b].map((code) => [code, 4] as const),
  ...[0x254c, 0x254d, 0x254e, 0x254f].map((code) => [code, 2] as const),
]);

function arm(mask: Mask, side: number, weight: number): void {
  const isHorizontal = side < 2;
  const isFirst = side % 2 === 0;
  const [along, across] = isHorizontal ? [cellWidth, centreY] : [cellHeight, centreX];
  const strokes = weight === 3 ? [-doubleGap, doubleGap] : [0];
  const thickness = weight === 2 ? heavyStroke : lightStroke;
  // To the far edge of what may cross in the middle, so that corners are closed.
  const reach = weight === 3 ? doubleGap + 1 : thickness / 2;
  for (const offset of strokes) {
    const from = isFirst ? 0 : along / 2 - reach;
    const to = isFirst ? along / 2 + reach : along;
    const low = across + offset - thickness / 2;
    if (isHorizontal) fill(mask, from, low, to, low + thickness);
    else fill(mask, low, from, low + thickness, to);
  }
}

function arc(mask: Mask, code: number): void {
  const toRight = code === 0x256d || code === 0x2570;
  const down = code === 0x256d || code === 0x256e;
  const radius = cellWidth / 2;
  const x0 = toRight ? cellWidth : 0;
  const y0 = down ? centreY + radius : centreY - radius;
  inkBy(mask, (x, y) => {
    const isBeyond = down ? y > y0 : y < y0;
    if (isBeyond) return Math.abs(x - centreX) - lightStroke / 2;
    return Math.abs(Math.hypot(x - x0, y - y0) - radius) - lightStroke / 2;
  });
}

function diagonal(mask: Mask, isRising: boolean): void {
  const length = Math.hypot(cellWidth, cellHeight);
  inkBy(mask, (x, y) => {
    const across = isRising ? x * cellHeight + y * cellWidth - cellWidth * cellHeight : x * cellHeight - y * cellWidth;
    return Math.abs(across) / length - lightStroke / 2;
  });
}

function boxDrawing(code: number): Mask {
  const mask = emptyMask();
  const dashCount = dashes.get(code);
  if (code >= 0x256d && code <= 0x2570) arc(mask, code);
  else if (code === 0x2571 || code === 0x2573) diagonal(mask, true);
  if (code === 0x2572 || code === 0x2573) diagonal(mask, false);
  if (code >= 0x256d && code <= 0x2573) return mask;
  Array.from(arms[code - 0x2500]).forEach((weight, side) => {
    if (weight !== '0') arm(mask, side, Number(weight));
  });
  if (dashCount !== undefined) {
    const isHorizontal = arms[code - 0x2500].startsWith('11') || arms[code - 0x2500].startsWith('22');
    const along = isHorizontal ? cellWidth : cellHeight;
    for (let dash = 1; dash <= dashCount; dash++) {
      const end = Math.round((dash * along) / dashCount);
      const gap = Math.max(2, Math.round(along / dashCount / 4));
      if (isHorizontal) fill(mask, end - gap, 0, end, cellHeight, 0);
      else fill(mask, 0, end - gap, cellWidth, end, 0);
    }
  }
  return mask;
}

/**
 * The mask of a character that must join its neighbours without a seam: blocks, box drawing, braille.
 * Undefined for all others.
 */
export function shapeMask(code: number): Mask | undefined {
  if (code >= 0x2500 && code <= 0x257f) return boxDrawing(code);
  if (code >= 0x2580 && code <= 0x259f) return blockElement(code);
  if (code >= 0x2800 && code <= 0x28ff) return braille(code & 0xff);
  return undefined;
}
