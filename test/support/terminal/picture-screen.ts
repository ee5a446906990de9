// A small program that shows pictures as the real one does. Keys: `c` changes them, `d` opens and closes a dialog over
// them, `m` shows many, `i` draws them in the next way, `l` draws everything anew, `x` throws, `q` leaves.
// DEEPVIEW_IMAGES says how to draw; what is chosen stands in the first line. With DEEPVIEW_DOT the first quarter has a
// black pixel in its middle, too small for block characters.
import { Box, Text, useInput } from 'ink';
import { createElement, useLayoutEffect, useState } from 'react';
import type { Raster } from '../../../src/imaging/cells/cells.ts';
import { coloursFor } from '../../../src/imaging/colour/colour-depth.ts';
import { imageChoices, type ImageChoice } from '../../../src/imaging/pictures/protocol.ts';
import { TerminalSession } from '../../../src/imaging/terminal/terminal-session.ts';
import { quarterPicture, quarterRaster } from './quarters.ts';
import { showScreen } from './show-screen.ts';

let finish = (code: number): void => process.exit(code);
const session = new TerminalSession({
  stdin: process.stdin,
  stdout: process.stdout,
  depth: coloursFor('auto', process.env, true).depth,
  mouse: false,
  pictures: { choice: (process.env['DEEPVIEW_IMAGES'] ?? 'auto') as ImageChoice, ascii: false, env: process.env },
  onGone: () => finish(9),
  onSignal: (signal) => finish(signal === 'SIGTERM' ? 15 : 1),
});
function rasterOf(turn: number): Raster {
  if (!process.env['DEEPVIEW_DOT']) return quarterRaster(16, 16, turn);
  const raster = quarterRaster(32, 32, turn);
  raster.pixels.fill(0, (8 * 32 + 8) * 3, (8 * 32 + 9) * 3);
  return raster;
}

const cover = { row: 3, column: 1, rows: 3, columns: 8 };

function Screen() {
  const [turn, setTurn] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const [isMany, setMany] = useState(false);
  const [chosen, setChosen] = useState('asking');
  const [, setSize] = useState('');
  useLayoutEffect(() => {
    const look = (): void => setChosen(session.pictures.chosen.protocol);
    void session.pictures.ask().then(look);
    process.stdout.on('resize', () => setSize(`${process.stdout.columns}x${process.stdout.rows}`));
    session.input.onEvent((event) => {
      if (event.type === 'focus' && event.isFocused) session.focused();
    });
  }, []);
  const press = (input: string): void => {
    if (input === 'c') setTurn((value) => value + 1);
    else if (input === 'd') setOpen((value) => !value);
    else if (input === 'm') setMany((value) => !value);
    else if (input === 'l') session.redraw();
    else if (input === 'i') {
      const next = imageChoices[(imageChoices.indexOf(session.pictures.choice) + 1) % imageChoices.length];
      setChosen(`${session.pictures.choose(next).protocol}, asked for ${next},`);
    } else if (input === 'x')
      setTimeout(() => {
        throw new Error('a defect');
      }, 0);
    else if (input === 'q') finish(0);
  };
  // What is pressed quickly comes at once.
  useInput((input) => Array.from(input).forEach(press));
  useLayoutEffect(() => {
    const places = isMany ? [3, 14, 25, 36] : [3];
    const pictures = places.map((column, index) =>
      quarterPicture({ column, raster: rasterOf(turn + index), key: `turned ${turn + index}` }),
    );
    session.pictures.layer.show({ overlays: [], pictures, cover: isOpen ? cover : undefined });
  });
  return createElement(
    Box,
    { flexDirection: 'column', height: process.stdout.rows, width: process.stdout.columns },
    createElement(Text, null, `pictures ${chosen} turn ${turn} ${isOpen ? 'dialog' : ''}`),
    createElement(Box, { flexGrow: 1 }),
    createElement(Text, null, `foot ${process.stdout.columns}x${process.stdout.rows}`),
  );
}

const app = showScreen(session, Screen);
finish = (code) => {
  void session.leave().finally(() => {
    app.unmount();
    session.close();
    process.exit(code);
  });
};
