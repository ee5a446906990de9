// A small program as the real one is built: Ink on the alternate screen through a TerminalSession. Keys: `i` changes
// Ink's text, `o` the overlay, `t` both all the time, `x` throws, `q` leaves. What happens otherwise is shown in the first
// line. While the terminal takes nothing, the ticks since are in the file DEEPVIEW_STALLED.
import { writeFileSync } from 'node:fs';
import { Box, Text, useInput } from 'ink';
import { createElement, useLayoutEffect, useState } from 'react';
import { askTerminal } from '../../../src/imaging/terminal/detect.ts';
import { TerminalSession } from '../../../src/imaging/terminal/terminal-session.ts';
import { heatmap } from '../heatmap.ts';
import { showScreen } from './show-screen.ts';

const session = new TerminalSession({
  stdin: process.stdin,
  stdout: process.stdout,
  depth: '256',
  mouse: true,
  onGone: () => finish(9),
  onSignal: (signal) => finish(signal === 'SIGTERM' ? 15 : 1),
});
let finish = (code: number): void => process.exit(code);

function Screen() {
  const [count, setCount] = useState(0);
  const [shift, setShift] = useState(0);
  const [heard, setHeard] = useState('nothing');
  const [ticks, setTicks] = useState(0);
  const [, setSize] = useState('');
  const columns = process.stdout.columns;
  useLayoutEffect(() => {
    process.stdout.on('resize', () => setSize(`${process.stdout.columns}x${process.stdout.rows}`));
  }, []);
  useInput((input) => {
    if (input === 'i') setCount((value) => value + 1);
    else if (input === 'o') setShift((value) => value + 1);
    else if (input === 't') {
      let stalled = 0;
      setInterval(() => {
        setTicks((value) => value + 1);
        setShift((value) => (value + 1) % 20);
        if (process.stdout.writableNeedDrain) writeFileSync(process.env['DEEPVIEW_STALLED'] ?? '', String(++stalled));
      }, 5);
    } else if (input === 'x')
      setTimeout(() => {
        throw new Error('a defect');
      }, 0);
    else if (input === 'q') finish(0);
    else setHeard(`key ${JSON.stringify(input)}`);
  });
  useLayoutEffect(
    () =>
      session.input.onEvent((event) => {
        if (event.type === 'mouse') setHeard(`${event.action} ${event.row},${event.column}`);
        if (event.type === 'focus') setHeard(`focus ${event.isFocused}`);
      }),
    [],
  );
  useLayoutEffect(() => {
    const values = Array.from({ length: 4 }, (_, row) =>
      Array.from({ length: 20 }, (__, column) => row + column + shift),
    );
    const cells = heatmap(values, [0, 40], '256');
    session.painter.setOverlays([{ row: 2, column: 3, rows: 4, columns: 20, cells }]);
  }, [shift]);
  return createElement(
    Box,
    { flexDirection: 'column', height: process.stdout.rows, width: columns },
    createElement(Text, null, `count ${count} heard ${heard} ticks ${ticks}`),
    createElement(Box, { flexGrow: 1 }),
    createElement(Text, null, `foot ${columns}x${process.stdout.rows}`),
  );
}

const app = showScreen(session, Screen);
finish = (code) => {
  app.unmount();
  session.close();
  process.exit(code);
};
void askTerminal(session.input.asked((data) => session.stdout.write(data)));
