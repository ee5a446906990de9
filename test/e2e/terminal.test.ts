import { cp, readFile, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { demoRun } from '../../src/engine/base/program-files.ts';
import { keys, type TestTerminal } from '../support/terminal/open-terminal.ts';
import { SlowEmulator } from '../support/terminal/slow-emulator.ts';
import { childrenOf, expectCalm, newPerson, openProgram, openShell, until } from './support.ts';

const network = 'conv5-32';
/** The program in a shell. */
const inShell = '"${cli[@]}"';
/** What only the layer view says. */
const evolution = /levels/;

/** The demo, in a terminal that answers when it is told to. */
async function openSlowly(args = ['demo'], env: Record<string, string> = {}) {
  let emulator!: SlowEmulator;
  const terminal = openProgram(await newPerson(), args, {
    env,
    emulator: (size) => (emulator = new SlowEmulator(size)),
  });
  await terminal.waitFor(() => emulator.isAsked);
  return { terminal, emulator };
}

/** The demo is drawn, and Ink is there: keys count from then on. */
const isReady = (terminal: TestTerminal): boolean =>
  terminal.text().includes(network) && terminal.raw.includes('\u001b[c');

async function openDemo(): Promise<TestTerminal> {
  const terminal = openProgram(await newPerson(), ['demo']);
  await terminal.waitFor(isReady);
  return terminal;
}

const calm = { mouse: false, paste: false, focus: false };
const wraps = ({ raw }: TestTerminal): boolean => raw.lastIndexOf('\u001b[?7h') > raw.lastIndexOf('\u001b[?7l');

describe('what a terminal answers', () => {
  it('is no key, wherever it is cut and however late it comes', async () => {
    const { terminal, emulator } = await openSlowly();
    const answers = emulator.answers();
    const cut = answers.indexOf('\u001b]') + 1;
    terminal.press(answers.slice(0, cut));
    await terminal.waitFor(network);
    // Longer than a lone Esc waits on a terminal at hand.
    await terminal.settle(300);
    terminal.press(answers.slice(cut));
    terminal.press('?');
    await terminal.waitFor('Keys of the network view');
    terminal.press(keys.escape);
    await terminal.waitFor((shown) => !shown.text().includes('Keys of'));
  });

  it('is not asked for by what prints in characters that were chosen, or that tmux alone can tell', async () => {
    for (const args of [
      ['show', 'demo', '--ascii'],
      ['show', 'demo'],
    ]) {
      const terminal = openProgram(await newPerson(), args, { env: { TMUX: '/nowhere,1,0', LANG: 'C.UTF-8' } });
      expect((await terminal.waitForEnd()).code).toBe(0);
      expect(terminal.text()).toContain(network);
      expect(terminal.raw).not.toContain('\u001b[c');
    }
  });

  it('is waited for when the screen is left by a key or a signal, and then no longer', async () => {
    for (const leave of [
      (terminal: TestTerminal) => terminal.press('q'),
      (terminal: TestTerminal) => terminal.press(keys.ctrlC),
      (terminal: TestTerminal) => terminal.signal('SIGTERM'),
      (terminal: TestTerminal) => terminal.signal('SIGQUIT'),
    ]) {
      const { terminal, emulator } = await openSlowly();
      const answers = emulator.answers();
      leave(terminal);
      await terminal.settle(100);
      expect(terminal.ending).toBeUndefined();
      terminal.press(answers);
      await terminal.waitForEnd();
      expect(terminal.modes).toEqual(calm);
      // What is left would have been echoed on the shell's screen.
      expect(terminal.text()).not.toContain('rgb:');
    }
  });

  it('is not expected of one that says nothing for long', async () => {
    const { terminal } = await openSlowly();
    terminal.press('q');
    expect((await terminal.waitForEnd()).code).toBe(0);
  });

  it('is waited for by doctor, which ends at Ctrl-C too', async () => {
    const { terminal, emulator } = await openSlowly(['doctor']);
    terminal.press(keys.ctrlC, emulator.answers());
    expect((await terminal.waitForEnd()).code).toBe(130);
    const quit = await openSlowly(['doctor']);
    quit.terminal.signal('SIGQUIT');
    await quit.terminal.settle(100);
    quit.terminal.press(quit.emulator.answers());
    expect((await quit.terminal.waitForEnd()).signal).toBe(constants.signals.SIGQUIT);
    expect(quit.terminal.text()).not.toContain('rgb:');
    const patient = await openSlowly(['doctor']);
    patient.terminal.press(patient.emulator.answers());
    expect((await patient.terminal.waitForEnd()).code).toBe(0);
    expect(patient.terminal.raw).toContain('Term(1.0)');
    expect(patient.terminal.text()).not.toMatch(/rgb:|a=q|^p/m);
  });

  it('decides how many colours are drawn, on the screen and in print, unless the user has', async () => {
    const drawn = /48;2;(?!18;52;86)/;
    const { terminal, emulator } = await openSlowly();
    await terminal.waitFor(network);
    expect(terminal.raw).not.toMatch(drawn);
    terminal.press(emulator.answers());
    await terminal.waitFor(() => drawn.test(terminal.raw));
    // All of what is shown is drawn anew.
    const backgrounds = (): string[] =>
      terminal.screen().flatMap((row) => row.flatMap(({ background }) => (background ? [String(background)] : [])));
    await terminal.waitFor(() => new Set(backgrounds()).size > 12);
    expect(terminal.text().split('\n')[0]).toMatch(/^ \w+ · cifar10/);
    for (const [args, env, isTrue] of [
      [['show', 'demo'], {}, true],
      [['show', 'demo', '--color', '256'], { LC_ALL: 'C' }, false],
      [['show', 'demo'], { LC_ALL: 'C', NO_COLOR: '1' }, false],
    ] as const) {
      const shown = await openSlowly([...args], env);
      shown.terminal.press(shown.emulator.answers());
      expect((await shown.terminal.waitForEnd()).code).toBe(0);
      expect([args, env, drawn.test(shown.terminal.raw)]).toEqual([args, env, isTrue]);
    }
    const doctor = await openSlowly(['doctor']);
    doctor.terminal.press(doctor.emulator.answers());
    expect((await doctor.terminal.waitForEnd()).code).toBe(0);
    expect(doctor.terminal.raw).toMatch(/colours +truecolour: the terminal says so/);
    expect(doctor.terminal.text()).not.toMatch(/\$q|\+q5/);
  });

  it('leaves no trace of a question that the terminal prints', async () => {
    const { terminal, emulator } = await openSlowly();
    await terminal.waitFor((shown) => /^ \w+ · cifar10/.test(shown.text()) && shown.text().includes(network));
    expect(terminal.text()).not.toMatch(/a=q|\$q|\+q5/);
    // It would wait for the answers at its end.
    terminal.press(emulator.answers(), 'q');
    expect((await terminal.waitForEnd()).code).toBe(0);
  });
});

describe('a key', () => {
  it('is not what belongs to a report whose Esc came before it', async () => {
    const terminal = await openDemo();
    terminal.press(keys.enter);
    await terminal.waitFor(evolution);
    const [where = ''] = /layer \d+/.exec(terminal.text()) ?? [];
    terminal.press(keys.escape);
    await terminal.waitFor((shown) => !evolution.test(shown.text()));
    // What Esc did is undone when it was none.
    terminal.press('[B');
    await terminal.waitFor(evolution);
    expect(terminal.text()).toContain(where);
    terminal.press(keys.escape);
    await terminal.waitFor((shown) => !evolution.test(shown.text()));
    for (const rest of ['[B', '[<0;20;5M', ']11;rgb:0/0/0\u0007', '[I']) {
      terminal.press(keys.escape);
      await terminal.waitFor('This is the first screen');
      terminal.press(rest);
      terminal.press('f');
      await terminal.waitFor('Nothing to freeze');
    }
    expect(terminal.text()).toContain(network);
  });

  it('counts though Esc came right before it, as when the program was busy', async () => {
    const terminal = await openDemo();
    terminal.press('?');
    await terminal.waitFor('Keys of');
    terminal.press('\u001bq');
    expect((await terminal.waitForEnd()).code).toBe(0);
  });

  it('of another keyboard counts by its place, of full width as the letter it is, and else says so once', async () => {
    const said = 'Keys are Latin letters';
    const terminal = await openDemo();
    terminal.press('й');
    await terminal.waitFor(said);
    terminal.press('\u001b[1072::102u');
    await terminal.waitFor('Nothing to freeze');
    terminal.press('й');
    terminal.press('\uff0f');
    await terminal.waitFor('Find a layer');
    expect(terminal.text()).not.toContain(said);
    // Where text is typed every letter is what it is.
    terminal.press('é', '\u001b[1081::113u');
    await terminal.waitFor('/ éй');
    terminal.press('\u001b[1089::99;5u');
    await terminal.waitFor((shown) => !shown.text().includes('Find a layer'));
    terminal.press('\u001b[1081::113u');
    expect((await terminal.waitForEnd()).code).toBe(0);
  });

  it('counts though it came with others, as when a line stalls', async () => {
    const terminal = await openDemo();
    terminal.press('jkj:find a\r');
    await terminal.waitFor('Find a layer');
    terminal.press(keys.ctrlC);
    await terminal.waitFor((shown) => !shown.text().includes('Find a layer'));
    terminal.press('jkl?');
    await terminal.waitFor('Keys of');
  });

  it('is not what is pasted, which goes into texts alone', async () => {
    const terminal = await openDemo();
    for (const pasted of ['requests', '\u001b[200~import requests\r\u001b[201~', '\u001b[200~q']) {
      terminal.press(pasted);
      await terminal.waitFor('Pasted text means nothing here');
      terminal.press('f');
      await terminal.waitFor('Nothing to freeze');
    }
    terminal.press('/');
    await terminal.waitFor('Find a layer');
    terminal.press('\u001b[200~conv4\n-64\u001b[201~');
    await terminal.waitFor('/ conv4 -64');
    terminal.press(keys.ctrlC);
    await terminal.waitFor((shown) => !shown.text().includes('Find a layer'));
    expect(terminal.ending).toBeUndefined();
    expect(terminal.modes).toEqual({ mouse: true, paste: true, focus: true });
  });
});

describe('a terminal without UTF-8', () => {
  // eslint-disable-next-line no-control-regex
  const other = /[^\u0000-\u007f]/;
  const open = async (args: readonly string[], env: Record<string, string>): Promise<TestTerminal> =>
    openProgram(await newPerson(), args, { env });

  it('gets ASCII alone: a console of Linux, and one whose locale says so', async () => {
    for (const env of [{ TERM: 'linux' }, { LC_ALL: 'de_DE.ISO-8859-1' }]) {
      const person = await newPerson();
      const screen = openProgram(person, ['demo'], { env, timers: true });
      await screen.waitFor(network);
      await expectCalm(person, screen);
      expect(screen.raw).not.toMatch(other);
      const printed = await open(['show', 'demo'], env);
      expect((await printed.waitForEnd()).code).toBe(0);
      expect(printed.raw).not.toMatch(other);
    }
  });

  it('is known by what it makes of two bytes where the locale is C, and doctor says so', async () => {
    const env = { LC_ALL: 'C' };
    const answer = '\u001b[1;3R\u001b[?62c';
    const told = async (args: string[]) => {
      const slow = await openSlowly(args, env);
      slow.terminal.press(answer);
      return slow.terminal;
    };
    const screen = await told(['demo']);
    await screen.waitFor((shown) => shown.text().includes(network) && !other.test(shown.text()));
    const printed = await told(['show', 'demo']);
    expect((await printed.waitForEnd()).code).toBe(0);
    expect(printed.text()).not.toMatch(other);
    const doctor = await told(['doctor']);
    expect((await doctor.waitForEnd()).code).toBe(0);
    expect(doctor.raw).toContain('ASCII only: LC_ALL is C');
    // An emulator of ours knows UTF-8.
    const able = await open(['show', 'demo'], env);
    expect((await able.waitForEnd()).code).toBe(0);
    expect(able.text()).toMatch(other);
  });
});

describe('a message that has no room', () => {
  it('is read whole with Enter', async () => {
    const person = await newPerson();
    const terminal = openProgram(person, ['demo'], { columns: 40, rows: 14 });
    await terminal.waitFor(isReady);
    terminal.press('S');
    await terminal.waitFor(/Saved .*… ⏎/);
    terminal.press(keys.enter);
    await terminal.waitFor('Message');
    await terminal.waitFor('beside it');
    terminal.press(keys.enter);
    await terminal.waitFor((shown) => !shown.text().includes('beside it'));
  });
});

describe('a signal', () => {
  const deadly = ['SIGQUIT', 'SIGABRT', 'SIGIO', 'SIGUSR2', 'SIGXCPU', 'SIGTERM', 'SIGHUP'] as const;

  it('that ends the screen leaves the terminal as it was', async () => {
    const end = async (signal: (typeof deadly)[number]): Promise<void> => {
      const terminal = await openDemo();
      terminal.signal(signal);
      const ending = await terminal.waitForEnd();
      expect(ending.signal, signal).toBe(constants.signals[signal]);
      expect(terminal.isAlternate, signal).toBe(false);
      expect(terminal.modes, signal).toEqual(calm);
      expect(wraps(terminal), signal).toBe(true);
    };
    for (const signal of deadly) await end(signal);
  });

  it('that ends what prints is what it dies of, its terminal as it was', async () => {
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
      const { terminal, emulator } = await openSlowly(['doctor']);
      terminal.signal(signal);
      await terminal.settle(100);
      terminal.press(emulator.answers());
      expect((await terminal.waitForEnd()).signal, signal).toBe(constants.signals[signal]);
      expect(terminal.text(), signal).not.toContain('rgb:');
    }
    const person = await newPerson();
    await cp(demoRun(), join(person.runs, 'one'), { recursive: true });
    const shell = await openShell(person);
    const questions = ({ raw }: TestTerminal): number => raw.split('[y/N]').length - 1;
    for (const [signal, code] of [
      ['TERM', 143],
      ['HUP', 129],
      ['INT', 130],
    ] as const) {
      const asked = questions(shell);
      // A question is put in raw mode.
      shell.press(`${inShell} runs rm one; echo ended: $?; stty -a | tr " " "\\n" | grep -x -e echo -e -echo\r`);
      await shell.waitFor((shown) => questions(shown) > asked);
      const [child] = await childrenOf(shell.pid);
      process.kill(child, `SIG${signal}`);
      await shell.waitFor(new RegExp(`ended: ${code}\\necho$`, 'm'));
    }
  });

  it('of a terminal that is closed does not take the exit code away', async () => {
    const person = await newPerson();
    await cp(demoRun(), join(person.runs, 'one'), { recursive: true });
    const ended = async (args: readonly string[], isThere: (shown: TestTerminal) => boolean): Promise<string> => {
      // The shell outlives its terminal, and tells how the program ended.
      const before = `trap '' HUP; "$@"; echo $? > code.new; mv code.new code; exit`;
      const terminal = openProgram(person, args, { before });
      await terminal.waitFor(isThere);
      terminal.hangUp();
      const code = await until('an exit code', () => readFile(join(person.home, 'code'), 'utf8'));
      await rm(join(person.home, 'code'));
      return code.trim();
    };
    expect(await ended(['demo'], isReady)).toBe('129');
    // The signal and the end of what is read come at once.
    expect(['1', '129']).toContain(await ended(['runs', 'rm', 'one'], (shown) => shown.text().includes('[y/N]')));
  });

  it('that means nothing to it changes nothing', async () => {
    const terminal = await openDemo();
    terminal.signal('SIGUSR1');
    terminal.signal('SIGPIPE');
    terminal.press('f');
    await terminal.waitFor('Nothing to freeze');
    expect(terminal.raw).not.toContain('Debugger');
  });
});

describe('in a shell', () => {
  it('the screen is suspended by Ctrl-Z and by a signal, and comes back', async () => {
    const terminal = await openShell(await newPerson());
    terminal.press(`${inShell} demo\r`);
    await terminal.waitFor(isReady);
    const [child] = await childrenOf(terminal.pid);
    for (const stop of [() => terminal.press(keys.ctrlZ), () => process.kill(child, 'SIGTSTP')]) {
      stop();
      await terminal.waitFor('Stopped');
      expect(terminal.isAlternate).toBe(false);
      expect(terminal.modes.mouse).toBe(false);
      terminal.press('stty -a | tr " " "\\n" | grep -x -e echo -e -echo\r');
      await terminal.waitFor(/^echo$/m);
      const before = terminal.raw.length;
      terminal.press('fg\r');
      await terminal.waitFor(network);
      expect(terminal.isAlternate).toBe(true);
      expect(terminal.modes).toEqual({ mouse: true, paste: true, focus: true });
      terminal.press('f');
      await terminal.waitFor('Nothing to freeze');
      expect(terminal.raw.slice(before).split('\u001b[2J')).toHaveLength(2);
    }
    terminal.press('q');
    await terminal.waitFor((shown) => !shown.isAlternate);
  });

  it('what asked the terminal is suspended once that has answered, not the shell', async () => {
    for (const [command, isBack] of [
      ['demo', (terminal: TestTerminal) => terminal.isAlternate && terminal.text().includes(network)],
      ['doctor', (terminal: TestTerminal) => terminal.raw.includes('Term(1.0)')],
    ] as const) {
      let emulator!: SlowEmulator;
      const terminal = await openShell(await newPerson(), (size) => (emulator = new SlowEmulator(size)));
      terminal.press(`${inShell} ${command}\r`);
      await terminal.waitFor(() => emulator.isAsked);
      const answers = emulator.answers();
      terminal.press(keys.ctrlZ);
      await terminal.settle(100);
      expect(terminal.text()).not.toContain('Stopped');
      terminal.press(answers);
      await terminal.waitFor('Stopped');
      terminal.press('echo and on\r');
      await terminal.waitFor(/^and on$/m);
      expect(terminal.text()).not.toContain('rgb:');
      terminal.press('fg\r');
      await terminal.waitFor(isBack);
    }
  });

  it('the screen outlives a file that grows beyond its limit', async () => {
    const terminal = await openShell(await newPerson());
    terminal.press(`(ulimit -f 1; ${inShell} demo; echo over: $?)\r`);
    await terminal.waitFor(isReady);
    terminal.press('S');
    await terminal.waitFor('No screenshot: cannot write');
    terminal.press('q');
    await terminal.waitFor('over: 0');
  });

  it('what only asks the terminal is not stopped in the background', async () => {
    const terminal = await openShell(await newPerson());
    terminal.press(`${inShell} doctor & wait; echo over\r`);
    await terminal.waitFor(/^over$/m, 60_000);
    expect(terminal.text()).not.toContain('Stopped');
    expect(terminal.raw).toContain('Terminal');
  });
});
