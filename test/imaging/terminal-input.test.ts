import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askTerminal, canBeAsked } from '../../src/imaging/terminal/detect.ts';
import { StdinFilter } from '../../src/imaging/terminal/stdin-filter.ts';
import { InputSplitter, type InputPart, type TerminalEvent } from '../../src/imaging/terminal/terminal-input.ts';

/** Keys, and the events, of what was found. */
const found = (parts: readonly InputPart[]) => ({
  keys: parts.filter((part) => typeof part === 'string').join(''),
  events: parts.filter((part) => typeof part !== 'string'),
});

const mouse = { type: 'mouse', shift: false, alt: false, control: false } as const;

/** What a terminal may send, and what should come of it. */
const pieces: readonly { sent: string; keys: string; events: TerminalEvent[] }[] = [
  ...['a', '漢', '\r', '\u0003', '\u001b[A', '\u001b[1;5C', '\u001bOP', '\u001b[5~', '\u001b[Z'].map((keys) => ({
    sent: keys,
    keys,
    events: [],
  })),
  {
    sent: '\u001b[200~paste \u001b[<0;1;1M \u001b[I\u001b[201~',
    keys: '',
    events: [{ type: 'paste', text: 'paste \u001b[<0;1;1M \u001b[I' }],
  },
  { sent: '\u001bx', keys: 'x', events: [{ type: 'escape' }] },
  { sent: '\u001b\u001b[A', keys: '\u001b[A', events: [{ type: 'escape' }] },
  { sent: '\u001b[<0;10;5M', keys: '', events: [{ ...mouse, action: 'press', button: 'left', row: 4, column: 9 }] },
  { sent: '\u001b[<2;1;1m', keys: '', events: [{ ...mouse, action: 'release', button: 'right', row: 0, column: 0 }] },
  {
    sent: '\u001b[<81;300;200M',
    keys: '',
    events: [{ ...mouse, control: true, action: 'wheel-down', button: 'none', row: 199, column: 299 }],
  },
  { sent: '\u001b[M !!', keys: '', events: [{ ...mouse, action: 'press', button: 'left', row: 0, column: 0 }] },
  { sent: '\u001b[I', keys: '', events: [{ type: 'focus', isFocused: true }] },
  { sent: '\u001b[O', keys: '', events: [{ type: 'focus', isFocused: false }] },
  { sent: '\u001b[?64;1;4c', keys: '', events: [{ type: 'reply', kind: 'csi', text: '?64;1;4c' }] },
  { sent: '\u001b[?2026;2$y', keys: '', events: [{ type: 'reply', kind: 'csi', text: '?2026;2$y' }] },
  { sent: '\u001b[6;17;8t', keys: '', events: [{ type: 'reply', kind: 'csi', text: '6;17;8t' }] },
  {
    sent: '\u001b]11;rgb:0000/0000/0000\u001b\\',
    keys: '',
    events: [{ type: 'reply', kind: 'osc', text: '11;rgb:0000/0000/0000' }],
  },
  { sent: '\u001b]11;rgb:ff/ff/ff\u0007', keys: '', events: [{ type: 'reply', kind: 'osc', text: '11;rgb:ff/ff/ff' }] },
  {
    sent: '\u001bP>|kitty(0.41.1)\u001b\\',
    keys: '',
    events: [{ type: 'reply', kind: 'dcs', text: '>|kitty(0.41.1)' }],
  },
  { sent: '\u001b_Gi=31;OK\u001b\\', keys: '', events: [{ type: 'reply', kind: 'apc', text: 'Gi=31;OK' }] },
];

describe('input', () => {
  test('is split into keys and events, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), fc.array(fc.nat(200)), (parts, cuts) => {
        const sent = parts.map((part) => part.sent).join('');
        const splitter = new InputSplitter();
        let keys = '';
        const events: TerminalEvent[] = [];
        const places = [...new Set([0, ...cuts.map((cut) => Math.min(cut, sent.length)), sent.length])].sort(
          (a, b) => a - b,
        );
        for (let index = 1; index < places.length; index++) {
          const piece = found(splitter.push(sent.slice(places[index - 1], places[index])));
          keys += piece.keys;
          events.push(...piece.events);
        }
        expect(keys).toBe(parts.map((part) => part.keys).join(''));
        expect(events).toEqual(parts.flatMap((part) => part.events));
        expect(splitter.isHolding).toBe(false);
      }),
    );
  });

  test('takes any text without throwing, and holds no more than a little', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({
            unit: fc.constantFrom('\u001b', '[', ']', 'P', '<', '0', ';', 'M', 'm', '~', 'c', '\u0007', '\\', 'é'),
          }),
        ),
        (chunks) => {
          const splitter = new InputSplitter();
          for (const chunk of chunks) splitter.push(chunk);
          splitter.expire();
          splitter.expire(true);
          return !splitter.isHolding;
        },
      ),
    );
    const splitter = new InputSplitter();
    splitter.push('\u001b]11;' + 'x'.repeat(5000));
    expect(splitter.isHolding).toBe(false);
  });

  test('a lone Esc and Esc with a key are keys once nothing follows; a cut answer is dropped', () => {
    const splitter = new InputSplitter();
    expect(splitter.push('\u001b')).toEqual([]);
    expect(splitter.expire()).toEqual([{ type: 'escape' }]);
    splitter.push('\u001b]');
    expect(splitter.expire()).toEqual([]);
    expect(splitter.expire(true)).toEqual([{ type: 'escape' }, ']']);
    splitter.push('\u001b]11;rgb');
    expect(splitter.expire()).toEqual([]);
    expect(splitter.isHolding).toBe(true);
    expect(splitter.expire(true)).toEqual([]);
    expect(splitter.isHolding).toBe(false);
    splitter.push('\u001b[200~text\u001b[20');
    expect(splitter.expire()).toEqual([]);
    expect(splitter.push('1~\u001b[I')).toEqual([
      { type: 'paste', text: 'text' },
      { type: 'focus', isFocused: true },
    ]);
  });
});

describe('a sequence that is cut in two', () => {
  const wholes = pieces.filter(({ sent }) => sent.length > 2 && sent.startsWith('\u001b') && sent[1] !== '\u001b');

  test('is what it is when the rest comes, wherever it was cut and whatever was taken for a key', () => {
    for (const { sent, keys, events } of wholes) {
      for (let cut = 1; cut < sent.length; cut++) {
        const splitter = new InputSplitter();
        const first = [...splitter.push(sent.slice(0, cut)), ...splitter.expire()];
        const all = found([...first, ...splitter.push(sent.slice(cut))]);
        // Only an Esc alone was told as a key, and is taken back.
        const before = cut === 1 ? [{ type: 'escape' }, { type: 'no-escape' }] : [];
        expect(all.events, JSON.stringify([sent, cut])).toEqual([...before, ...events]);
        expect(all.keys, JSON.stringify([sent, cut])).toBe(keys);
      }
    }
  });

  test('takes nothing from what is typed after Esc', () => {
    for (const typed of ['[', ']', 'O', 'P', '_', 'q', 'Pq', '[[', ']]', 'Oh', 'PgDn']) {
      const splitter = new InputSplitter();
      splitter.push('\u001b');
      expect([...splitter.expire(), ...splitter.push(typed)]).toEqual([{ type: 'escape' }, typed]);
    }
    const splitter = new InputSplitter();
    splitter.push('\u001b');
    splitter.expire();
    splitter.expire(true);
    expect(splitter.push('[A')).toEqual(['[A']);
  });

  test('is a paste as far as it came when its end does not', () => {
    const splitter = new InputSplitter();
    splitter.push('\u001b[200~import re');
    splitter.push('quests\n');
    expect(splitter.expire()).toEqual([]);
    expect(splitter.isHolding).toBe(true);
    expect(splitter.expire(true)).toEqual([{ type: 'paste', text: 'import requests\n' }]);
    expect(splitter.push('\u001b[201~q')).toEqual(['q']);
  });
});

test('a key of kitty’s protocol says what it types, and what it is on a keyboard of the US', () => {
  const of = (sent: string): InputPart[] => new InputSplitter().push(sent);
  const letter = { type: 'letter', control: false } as const;
  expect(of('\u001b[1081::113u')).toEqual([{ ...letter, character: 'й', base: 'q' }]);
  expect(of('\u001b[1089::99;5u')).toEqual([{ ...letter, character: 'с', base: 'c', control: true }]);
  expect(of('\u001b[1084:1052:118;2u')).toEqual([{ ...letter, character: 'М', base: 'V' }]);
  // Released; with Alt; without the other layout, which is for Ink to read.
  expect(of('\u001b[1081::113;1:3u')).toEqual([]);
  expect(of('\u001b[1081::113;3u')).toEqual([]);
  expect(of('\u001b[97u')).toEqual(['\u001b[97u']);
});

class FakeStdin extends PassThrough {
  isTTY = true;
  isRaw = false;
  calls: string[] = [];
  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw;
    this.calls.push(`raw ${isRaw}`);
    return this;
  }
  ref(): void {
    this.calls.push('ref');
  }
  unref(): void {
    this.calls.push('unref');
  }
}

function filterOf(source: FakeStdin): StdinFilter {
  return new StdinFilter(source as unknown as NodeJS.ReadStream);
}

describe('the filtered stdin', () => {
  test('gives Ink keys alone, characters whole, and the rest to its listeners', async () => {
    const source = new FakeStdin();
    const filter = filterOf(source);
    const events: TerminalEvent[] = [];
    filter.onEvent((event) => events.push(event));
    filter.setEncoding('utf8');
    let keys = '';
    filter.on('readable', () => {
      for (let chunk; (chunk = filter.read() as string | null) !== null;) keys += chunk;
    });
    const bytes = Buffer.from('a漢\u001b[<0;1;1Mb\u001b]11;rgb:0/0/0\u0007\u001b[?62c');
    for (const byte of bytes) source.write(Buffer.from([byte]));
    source.write('\u001b');
    source.end();
    await new Promise((resolve) => filter.on('end', resolve));
    expect(keys).toBe('a漢b');
    expect(events.map(({ type }) => type)).toEqual(['mouse', 'reply', 'reply', 'escape']);
  });

  test('passes on raw mode, ref and unref, and lets go when destroyed', async () => {
    const source = new FakeStdin();
    const filter = filterOf(source);
    filter.setRawMode(true).ref().unref();
    expect(source.calls).toEqual(['raw true', 'ref', 'unref']);
    expect([filter.isTTY, filter.isRaw]).toEqual([true, true]);
    filter.resume();
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.listenerCount('data')).toBe(1);
    filter.destroy();
    expect(source.listenerCount('data')).toBe(0);
    source.emit('error', new Error('EIO'));
  });

  test('ends when the terminal goes away', async () => {
    const source = new FakeStdin();
    const filter = filterOf(source).resume();
    await new Promise((resolve) => setImmediate(resolve));
    const ended = new Promise((resolve) => filter.on('end', resolve));
    source.emit('error', Object.assign(new Error('read EIO'), { code: 'EIO' }));
    await ended;
  });
});

describe('asking the terminal', () => {
  test('gathers the answers until the device attributes', async () => {
    const source = new FakeStdin();
    const filter = filterOf(source).resume();
    const asked: string[] = [];
    const answer = askTerminal(filter.asked((data) => asked.push(data)));
    source.write('\u001bP>|foot(1.13.1)\u001b\\\u001b[?2026;2$y\u001b]11;rgb:ffff/ffff/eeee\u001b\\x\u001b[?62;4c');
    expect(await answer).toEqual({
      isAnswering: true,
      name: 'foot(1.13.1)',
      isSynchronised: true,
      background: [255, 255, 238],
      isLight: true,
      attributes: [62, 4],
    });
    expect(asked.join('').endsWith('\u001b[c')).toBe(true);
  });

  test('tells from what it keeps of a colour whether it has colours of 24 bits', async () => {
    // xterm with and without direct colours, foot, kitty, iTerm2's colour space, mlterm, xterm.js, one that knows neither.
    const cases: [answers: string, isTrueColour: boolean | undefined][] = [
      ['\u001bP1$r0;48:2::18:52:86m\u001b\\', true],
      ['\u001bP1$r0;48:5:23m\u001b\\', false],
      ['\u001bP1$r0;48:5:23m\u001b\\\u001bP1+r524742=38;5463\u001b\\', false],
      ['\u001bP1$r48;2;18;52;86m\u001b\\\u001bP1+r5463\u001b\\', true],
      ['\u001bP0$r\u001b\\\u001bP1+r524742=382f382f38;5463\u001b\\', true],
      ['\u001bP1$r0;48:2:1:18:52:86m\u001b\\', true],
      ['\u001bP1+r524742=2D31;\u001b\\', undefined],
      ['\u001bP1$r0m\u001b\\\u001bP0+r\u001b\\', undefined],
      ['\u001bP1$r0m\u001b\\', undefined],
      ['', undefined],
    ];
    for (const [answers, isTrueColour] of cases) {
      const source = new FakeStdin();
      const filter = filterOf(source).resume();
      const asked: string[] = [];
      const answer = askTerminal(
        filter.asked((data) => asked.push(data)),
        1000,
        { colours: true },
      );
      source.write(`${answers}\u001b[?62c`);
      expect([answers, (await answer).isTrueColour]).toEqual([answers, isTrueColour]);
      // What is set for the question is taken back at once.
      expect(asked.join('')).toContain('\u001b[48;2;18;52;86m\u001bP$qm\u001b\\\u001b[m');
    }
  });

  test('gives up on a silent one', async () => {
    const filter = filterOf(new FakeStdin());
    expect(
      await askTerminal(
        filter.asked(() => undefined),
        5,
      ),
    ).toEqual({
      isAnswering: false,
    });
    expect(canBeAsked({ TERM: 'dumb' }, true)).toBe(false);
    expect(canBeAsked({ TERM: 'xterm' }, false)).toBe(false);
    expect(canBeAsked({ TERM: 'xterm' }, true)).toBe(true);
  });

  test('waits for what a terminal owes, with Esc and before leaving, and for nothing else', async () => {
    const source = new FakeStdin();
    const filter = new StdinFilter(source as unknown as NodeJS.ReadStream, 0).setEncoding('utf8');
    const told: string[] = [];
    filter.onEvent(({ type }) => told.push(type));
    filter.resume();
    await filter.answered();
    void askTerminal(filter.asked(() => undefined));
    let isOver = false;
    const over = filter.answered().then(() => (isOver = true));
    source.write('\u001b');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toEqual([]);
    source.write('[?62;4c');
    await over;
    expect(isOver).toBe(true);
    const heard: string[] = [];
    filter.onEvent(({ type }) => heard.push(type));
    source.write('\u001b');
    await expect.poll(() => heard).toEqual(['escape']);
  });

  test('hands on keys and all else in the order in which they came', async () => {
    const source = new FakeStdin();
    const filter = filterOf(source).setEncoding('utf8');
    const heard: unknown[] = [];
    filter.on('readable', () => {
      for (let chunk; (chunk = filter.read() as string | null) !== null;) heard.push(chunk);
    });
    filter.onEvent(({ type }) => heard.push({ type }));
    source.write('a\u001b[200~x\u001b[201~b\u001b[Ic');
    await expect.poll(() => heard).toEqual(['a', { type: 'paste' }, 'b', { type: 'focus' }, 'c']);
  });
});
