import type { Size } from '../../../src/imaging/cells/cells.ts';
import { OverlayPainter } from '../../../src/imaging/terminal/painter.ts';
import type { PictureMode } from '../../../src/imaging/pictures/encoder.ts';
import type { PictureCache } from '../../../src/imaging/pictures/picture-cache.ts';
import { PictureLayer } from '../../../src/imaging/pictures/picture-layer.ts';
export { quarterPicture, quarterRaster, quarters } from './quarters.ts';
import { FakeStdout } from './fake-stdout.ts';
import { PixelEmulator, type Persona } from './pixel-emulator.ts';

export const enterAlternate = '\u001b[?1049h\u001b[?25l';

/** A painter and its picture layer before an emulator that shows pictures. */
export function pictureScreen({
  size = { columns: 40, rows: 12 },
  persona = {},
  mode = {},
  cache,
  now,
}: {
  size?: Size;
  persona?: Persona;
  mode?: Partial<PictureMode>;
  cache?: PictureCache;
  now?: () => number;
}) {
  const stdout = new FakeStdout(size);
  const emulator = new PixelEmulator(size, persona);
  const painter = new OverlayPainter({ stdout: stdout as unknown as NodeJS.WriteStream, depth: 'truecolour' });
  const errors: unknown[] = [];
  const layer = new PictureLayer({
    painter,
    mode: { cell: emulator.cell, ...mode },
    onError: (error) => errors.push(error),
    ...(cache && { cache }),
    ...(now && { now }),
  });
  painter.farewell = () => layer.close();
  painter.stream.write(enterAlternate);
  /** Lets everything happen and be shown. @returns what was sent */
  const settle = async (): Promise<string> => {
    await layer.settled();
    await new Promise((resolve) => setImmediate(resolve));
    const sent = stdout.sent.splice(0).join('');
    await emulator.write(sent);
    return sent;
  };
  return { stdout, emulator, painter, layer, settle, errors };
}

/** The colours at the centres of a picture's quarters, the picture being `pixels` wide and high in the window. */
export function quarterColours(
  emulator: PixelEmulator,
  { row, column }: { row: number; column: number },
  pixels: { width: number; height: number },
): (number[] | undefined)[] {
  const [left, top] = [column * emulator.cell.width, row * emulator.cell.height];
  return [0, 1, 2, 3].map((quarter) =>
    emulator.pixel(
      left + pixels.width * (quarter % 2 === 0 ? 0.25 : 0.75),
      top + pixels.height * (quarter < 2 ? 0.25 : 0.75),
    ),
  );
}
