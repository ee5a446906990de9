import { expect, test } from 'vitest';
import { PictureTerminal } from '../../../src/imaging/pictures/picture-terminal.ts';
import type { TerminalEvent } from '../../../src/imaging/terminal/terminal-input.ts';
import { FakeStdout } from '../../support/terminal/fake-stdout.ts';
import { OverlayPainter } from '../../../src/imaging/terminal/painter.ts';
import { PixelEmulator } from '../../support/terminal/pixel-emulator.ts';
import { enterAlternate, quarterPicture } from '../../support/terminal/pictures.ts';

const reply = (kind: 'csi' | 'apc', text: string): TerminalEvent => ({ type: 'reply', kind, text });
const unwrapped = (data: string): string =>
  // eslint-disable-next-line no-control-regex
  data.replaceAll(/\u001bPtmux;((?:\u001b\u001b|[^\u001b])*)\u001b\\/g, (_, inner: string) =>
    inner.replaceAll('\u001b\u001b', '\u001b'),
  );

/** A picture shown in kitty by way of a tmux that hands on what it gets, as long as it may and is asked to. */
async function shownThroughTmux() {
  const size = { columns: 40, rows: 12 };
  const stdout = new FakeStdout(size);
  const outside = new PixelEmulator(size);
  const painter = new OverlayPainter({ stdout: stdout as unknown as NodeJS.WriteStream, depth: 'truecolour' });
  const listeners = new Set<(event: TerminalEvent) => void>();
  const undone: number[] = [];
  const state = { isStuck: false, isElsewhere: false, drops: 0, questions: 0 };
  /** Lets tmux take what was written, and the terminal outside answer. */
  const deliver = async (): Promise<void> => {
    let data = stdout.sent.splice(0).join('');
    if (data !== '' && state.drops > 0) {
      state.drops--;
      data = '';
    }
    await outside.write(unwrapped(data));
    if (data.includes('a=q')) state.questions++;
    const answers = data.includes('a=q') ? [reply('apc', 'Gi=31;OK')] : [];
    if (data.includes('\u001b[c')) answers.push(reply('csi', '?62c'));
    for (const answer of answers) for (const listener of [...listeners]) listener(answer);
  };
  stdout.on('sent', () => state.isStuck || setImmediate(() => void deliver()));
  const write = stdout.write.bind(stdout);
  stdout.write = (data) => (stdout.emit('sent'), write(data));
  const pictures = new PictureTerminal({
    painter,
    terminal: {
      write: (data) => painter.ask(data),
      onEvent: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      awaits: () => undefined,
    },
    isTTY: true,
    depth: 'truecolour',
    choice: 'kitty',
    ascii: false,
    env: { TERM: 'tmux-256color', TMUX: '/tmp/tmux-0/default,1,0', TMUX_PANE: '%3' },
    tmux: (args) => {
      if (args.includes('-pu')) undone.push(outside.images.size);
      if (args.at(-1)?.includes('pane_active')) return Promise.resolve(state.isElsewhere ? '0' : '1');
      return Promise.resolve('off');
    },
  });
  painter.farewell = () => pictures.close();
  painter.stream.write(enterAlternate);
  await pictures.ask();
  pictures.layer.show({ overlays: [], pictures: [quarterPicture()] });
  await pictures.layer.settled();
  await expect.poll(() => outside.images.size).toBe(1);
  return { pictures, outside, undone, state };
}

test('tmux may pass things on until the terminal outside has taken its pictures back', async () => {
  const { pictures, outside, undone } = await shownThroughTmux();
  await pictures.leave();
  expect(outside.images.size).toBe(0);
  expect(undone).toEqual([0]);
  // Nothing is left to be said.
  expect(pictures.close()).toBe('');
});

test('what nobody confirms is said again at the very end, and tmux told nevertheless', async () => {
  const { pictures, outside, undone, state } = await shownThroughTmux();
  state.isStuck = true;
  await pictures.leave();
  expect(undone).toEqual([1]);
  await outside.write(unwrapped(pictures.close()));
  expect(outside.images.size).toBe(0);
  await pictures.undo();
  expect(undone).toHaveLength(1);
});

test('a terminal that shows us again gets its pictures, also when tmux drops what it is told at first', async () => {
  const { pictures, outside, state } = await shownThroughTmux();
  outside.images.clear();
  state.drops = 1;
  await pictures.cameBack();
  await expect.poll(() => outside.images.size).toBe(1);
});

test('while another pane has the keys nothing is asked, for it would get the answer', async () => {
  const { pictures, outside, state } = await shownThroughTmux();
  state.isElsewhere = true;
  const { questions } = state;
  expect(questions).toBeGreaterThan(0);
  await pictures.ask();
  expect(pictures.chosen.protocol).toBe('kitty');
  await pictures.leave();
  expect(state.questions).toBe(questions);
  await expect.poll(() => outside.images.size).toBe(0);
});
