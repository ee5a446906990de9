import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cell, CellGrid, Overlay, Size } from '../../src/imaging/cells/cells.ts';
import { encodeGrid } from '../../src/imaging/cells/ansi.ts';
import { blankCell, cellsOf, compose, gridToText, sameCell } from '../../src/imaging/cells/grid.ts';
import { OverlayPainter } from '../../src/imaging/terminal/painter.ts';
import { Emulator } from '../support/terminal/emulator.ts';
import { FakeStdout } from '../support/terminal/fake-stdout.ts';

function setUp(size: Size, onGone?: (error: Error) => void) {
  const stdout = new FakeStdout(size);
  const emulator = new Emulator(size);
  const painter = new OverlayPainter({
    stdout: stdout as unknown as NodeJS.WriteStream,
    depth: 'truecolour',
    ...(onGone && { onGone }),
  });
  const settle = async (): Promise<string> => {
    await Promise.resolve();
    const sent = stdout.sent.splice(0).join('');
    await emulator.write(sent);
    return sent;
  };
  return { stdout, emulator, painter, settle, write: (data: string) => painter.stream.write(data) };
}

function differences(one: CellGrid, other: CellGrid): string[] {
  return one.flatMap((row, y) =>
    row.flatMap((cell, x) =>
      sameCell(cell, other[y][x]) ? [] : [`${y},${x}: ${JSON.stringify([cell, other[y][x]])}`],
    ),
  );
}

const enter = '\u001b[?1049h';
const update = (data: string): string => `\u001b[?2026h${data}\u001b[?2026l`;
const frame = (lines: string[]): string => update(`\u001b[H${lines.map((line) => `${line}\u001b[K`).join('\n')}`);
const picture = (text: string[], row = 1, column = 2): Overlay => ({
  row,
  column,
  rows: text.length,
  columns: text[0].length,
  cells: text.map((line) => cellsOf(line, { background: [1, 2, 3] })),
});

describe('the painter', () => {
  test('passes everything through outside the alternate screen, and clears on entering it', async () => {
    const { write, settle, emulator } = setUp({ columns: 20, rows: 5 });
    write('shell\r\n');
    expect(await settle()).toBe('shell\r\n');
    write(enter);
    expect((await settle()).startsWith('\u001b[?1049h\u001b[m\u001b[2J\u001b[H')).toBe(true);
    write(frame(['inside']));
    await settle();
    expect(gridToText(emulator.screen()).trim()).toBe('inside');
    write('\u001b[?1049l\u001b[?25h');
    expect(await settle()).toBe('\u001b[?1049l\u001b[?25h');
    expect(gridToText(emulator.screen()).trim()).toBe('shell');
  });

  test('lays pictures over what Ink left empty, in the same update', async () => {
    const { write, settle, emulator, painter } = setUp({ columns: 20, rows: 5 });
    write(enter + '\u001b[?25l');
    await settle();
    write(frame(['title', '', '', 'foot']));
    painter.setOverlays([picture(['abcd', 'efgh'])]);
    const sent = await settle();
    expect(sent.split('\u001b[?2026h')).toHaveLength(2);
    expect(sent.endsWith('\u001b[?2026l')).toBe(true);
    expect(gridToText(emulator.screen())).toBe('title\n  abcd\n  efgh\nfoot\n');
    expect(differences(emulator.screen(), painter.picture)).toEqual([]);
  });

  test('sends nothing for an unchanged picture, whatever Ink rewrites under it', async () => {
    const { write, settle, painter } = setUp({ columns: 20, rows: 5 });
    write(enter + '\u001b[?25l');
    write(frame(['title', '', '', 'foot']));
    painter.setOverlays([picture(['abcd', 'efgh'])]);
    await settle();
    write(frame(['title', '', '', 'foot']));
    painter.setOverlays([picture(['abcd', 'efgh'])]);
    expect(await settle()).toBe('');
    write(frame(['title', '', '', 'fool']));
    expect(await settle()).toBe('\u001b[?2026h\u001b[4;4Hl\u001b[?2026l');
    painter.setOverlays([picture(['abcd', 'efXh'])]);
    expect(await settle()).toBe('\u001b[?2026h\u001b[3;5H\u001b[48;2;1;2;3mX\u001b[m\u001b[?2026l');
    painter.setOverlays([]);
    expect(await settle()).toBe('\u001b[?2026h\u001b[2;3H\u001b[K\u001b[3;3H\u001b[K\u001b[?2026l');
  });

  test('leaves frames out while the terminal takes nothing, and catches up afterwards', async () => {
    const { write, settle, stdout, painter, emulator } = setUp({ columns: 20, rows: 5 });
    write(enter + '\u001b[?25l');
    await settle();
    stdout.writableNeedDrain = true;
    write(frame(['frame 0']));
    expect(await settle()).not.toBe('');
    for (let index = 1; index < 1000; index++) {
      write(frame([`frame ${index}`]));
      await Promise.resolve();
    }
    expect(await settle()).toBe('');
    expect(painter.framesDropped).toBe(999);
    stdout.writableNeedDrain = false;
    stdout.emit('drain');
    await settle();
    expect(gridToText(emulator.screen()).trim()).toBe('frame 999');
  });

  test('draws everything again after a resize', async () => {
    const { write, settle, stdout, painter, emulator } = setUp({ columns: 20, rows: 5 });
    write(enter);
    write(frame(['title', '', '', 'foot']));
    painter.setOverlays([picture(['abcd', 'efgh'])]);
    await settle();
    Object.assign(stdout, { columns: 10, rows: 4 });
    emulator.terminal.resize(10, 4);
    stdout.emit('resize');
    await settle();
    expect(gridToText(emulator.screen())).toBe('title\n  abcd\n  efgh\nfoot');
    expect(differences(emulator.screen(), painter.picture)).toEqual([]);
  });

  test('tells once that the terminal has gone, and writes nothing more', async () => {
    const gone: string[] = [];
    const { write, settle, stdout } = setUp({ columns: 20, rows: 5 }, (error) => gone.push(error.message));
    write(enter);
    await settle();
    stdout.emit('error', new Error('EIO'));
    stdout.emit('error', new Error('EPIPE'));
    write(frame(['more']));
    expect(await settle()).toBe('');
    expect(gone).toEqual(['EIO']);
  });

  test('sends modes on, keeps the cursor where Ink shows it, and calls back', async () => {
    const { write, settle, emulator, painter } = setUp({ columns: 20, rows: 5 });
    write(enter + '\u001b[?25l\u001b[?2004h');
    expect(await settle()).toContain('\u001b[?2004h');
    write(`${update('a\nb\nc')}\u001b[2A\u001b[3G\u001b[?25h`);
    await settle();
    expect(emulator.cursor).toEqual({ row: 0, column: 2 });
    await new Promise<void>((resolve) => painter.stream.write('', () => resolve()));
    expect(painter.stream.columns).toBe(20);
  });

  test('shows Ink’s frame with the overlays over it after any sequence of frames and overlays', async () => {
    const size = { columns: 12, rows: 5 };
    const colour = fc.option(fc.constantFrom([255, 0, 0] as const, [0, 95, 135] as const), { nil: undefined });
    const cell = fc.record({
      text: fc.constantFrom(' ', ' ', 'a', 'b', '漢', '░'),
      foreground: colour,
      background: colour,
    });
    const toCells = (
      parts: { text: string; foreground: Cell['foreground']; background: Cell['background'] }[],
    ): Cell[] =>
      parts.flatMap(({ text, foreground, background }) =>
        cellsOf(text, { ...(foreground && { foreground }), ...(background && { background }) }),
      );
    const lines = (columns: number, rows: number) =>
      fc.array(fc.array(cell, { maxLength: columns }).map(toCells), { maxLength: rows });
    const overlay = fc
      .record({ row: fc.integer({ min: -1, max: 5 }), column: fc.integer({ min: -2, max: 12 }), cells: lines(5, 3) })
      .map((part): Overlay => ({ ...part, rows: 3, columns: 4 }));
    const step = fc.record({
      frame: fc.option(lines(6, 5), { nil: undefined }),
      overlays: fc.option(fc.array(overlay, { maxLength: 3 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        const { write, settle, emulator, painter } = setUp(size);
        write(enter + '\u001b[?25l');
        let base: CellGrid = Array.from({ length: size.rows }, () => new Array<Cell>(size.columns).fill(blankCell));
        let overlays: Overlay[] = [];
        for (const one of steps) {
          if (one.frame) {
            write(
              frame(encodeGrid([...one.frame, ...new Array<Cell[]>(5).fill([])].slice(0, 5), 'truecolour').split('\n')),
            );
            base = base.map((row, y) => row.map((_, x) => one.frame![y]?.[x] ?? blankCell));
          }
          if (one.overlays) painter.setOverlays((overlays = one.overlays));
          await settle();
          expect(differences(emulator.screen(), compose(base, overlays))).toEqual([]);
          await Promise.resolve();
          expect(await settle()).toBe('');
        }
        emulator.dispose();
      }),
      { numRuns: 150 },
    );
  });
});
