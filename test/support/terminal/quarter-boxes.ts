import { quarters } from './quarters.ts';

/** What is on a screen: [red, green, blue] of each pixel. */
export interface Screenshot {
  width: number;
  height: number;
  at: (x: number, y: number) => number[];
}

/** The pixels of one colour: the box around them, edges included, and how many they are. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
  count: number;
}

/** Where each of the test picture's colours is; undefined where a colour is nowhere. */
export function boxesOf({ width, height, at }: Screenshot): (Box | undefined)[] {
  const boxes = new Array<Box | undefined>(4).fill(undefined);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = at(x, y);
      // Sixel has a hundred steps a channel.
      const quarter = quarters.findIndex((one) =>
        one.every((value, channel) => Math.abs(value - colour[channel]) <= 3),
      );
      if (quarter < 0) continue;
      const box = (boxes[quarter] ??= { left: x, top: y, right: x, bottom: y, count: 0 });
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.bottom = y;
      box.count++;
    }
  }
  return boxes;
}

/**
 * Whether the test picture with its dot (a 16th of the first quarter's side) stands there: four blocks of equal sides,
 * one colour each, side by side.
 * @param step pixels from a quarter to the next: more than 1 where the terminal scales a picture and mixes the edges
 */
export function showsQuarters(screenshot: Screenshot, step = 1): boolean {
  const boxes = boxesOf(screenshot);
  const [one, two, three, four] = boxes;
  if (!one || !two || !three || !four) return false;
  const areBlocks = boxes
    .slice(1)
    .every((box) => box!.count === (box!.right - box!.left + 1) * (box!.bottom - box!.top + 1));
  const [width, height] = [one.right - one.left + 1, one.bottom - one.top + 1];
  const dot = screenshot.at(one.left + Math.floor((8.5 / 16) * width), one.top + Math.floor((8.5 / 16) * height));
  const area = width * height;
  const hasDot = Math.max(...dot) < 90 && one.count < area && one.count > 0.9 * area;
  const sides = boxes.flatMap((box) => [box!.right - box!.left, box!.bottom - box!.top]);
  const areEqual = Math.max(...sides) - Math.min(...sides) <= 1;
  const steps = [two.left - one.right, three.top - one.bottom, four.left - three.right, four.top - two.bottom];
  return areBlocks && hasDot && areEqual && steps.every((distance) => distance >= 1 && distance <= step);
}
