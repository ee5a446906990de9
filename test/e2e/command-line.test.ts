import { spawn, spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noHome, nowhere, pathsFor } from '../../src/engine/base/paths.ts';
import { headerOf, writeRun } from '../engine/run/sample-run.ts';
import { runHere } from '../support/run-here.ts';
import { standInEngine } from '../support/stand-in-engine.ts';
import { expectCalm, newPerson, openProgram, program, runProgram, type Person } from './support.ts';

const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

/** A user whom the system does not know; to become one is for root, who may keep the program where no other can read it. */
const stranger = { uid: 1_234_567, gid: 0 };
const reads = ['-e', `require('fs').accessSync(${JSON.stringify(program)})`];
const canBeStranger = process.getuid?.() === 0 && spawnSync(process.execPath, reads, stranger).status === 0;

describe('the program without a terminal', () => {
  it('says its version', async () => {
    expect(await runProgram(await newPerson(), ['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it('says in one sentence that a Node is too old, whatever is asked', async () => {
    const person = await newPerson();
    for (const [version, code] of [
      ['18.20.8', 1],
      ['20.18.3', 1],
      ['20.19.0', 0],
      ['26.0.0', 0],
    ] as const) {
      const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
      const env = { ...person.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(pretend)}` };
      const ended = spawnSync(process.execPath, [program, '--help'], { env, encoding: 'utf8' });
      expect(ended.status, version).toBe(code);
      expect(ended.stderr).toBe(
        code === 0 ? '' : `deepview-tui: Node ${version} is too old: it needs 20.19.0 or newer (https://nodejs.org).\n`,
      );
    }
  });

  it('prints help, and the same without a command', async () => {
    const person = await newPerson();
    const help = await runProgram(person, ['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('train [NETWORK]');
    expect((await runProgram(person, [])).stdout).toBe(help.stdout);
    const lines = help.stdout.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it.each([
    [['trian'], 2, 'Did you mean train?'],
    [['train', '--epoch', '3'], 2, 'Did you mean --epochs?'],
    [['train', 'lente', '--headless'], 2, 'lenet'],
    [['train', '--epochs', '0'], 2, '--epochs must be a whole number from 1 to 1000000; it is 0'],
    [['train', '--data', 'cifar11', '--headless'], 2, 'cifar11'],
    [['show', 'nowhere'], 4, 'nowhere'],
    [['runs', 'stop', 'nowhere'], 4, 'nowhere'],
  ])('refuses %j in at most two lines', async (args, code, text) => {
    const { env, home } = await newPerson();
    const ended = await runHere(env, home, args);
    expect(ended.err).toContain(text);
    expect(ended.err.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
    expect(ended.err).not.toContain('    at ');
    expect(ended).toMatchObject({ code, out: '' });
  });

  it('says errors as one JSON object under --json, and where they happened under --debug', async () => {
    const person = await newPerson();
    const ended = await runProgram(person, ['show', 'nowhere', '--json']);
    const { error } = JSON.parse(ended.stderr);
    expect(error).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    expect(error.stack).toBeUndefined();
    expect((await runProgram(person, ['show', 'nowhere', '--debug'])).stderr).toContain('    at ');
  });

  // A container's user may have neither HOME nor an entry in the system's list of users.
  it.skipIf(!canBeStranger)('does what needs no home without one, and says that there is none', () => {
    const run = (args: string[], more: Record<string, string> = {}): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, [program, ...args], {
        ...{ ...stranger, encoding: 'utf8', cwd: '/' },
        env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', ...more },
      });
    const doctor = run(['doctor', '--json']);
    expect(JSON.parse(String(doctor.stdout))).toMatchObject({
      problems: expect.arrayContaining([expect.objectContaining({ code: 'no-home' })]),
      places: expect.arrayContaining([
        { ...{ name: 'runs', exists: false }, path: expect.any(String), trouble: noHome },
      ]),
    });
    for (const command of ['doctor', 'engine list', 'data list']) {
      expect(run(command.split(' ')).stdout, command).not.toContain(nowhere);
    }
    expect(run(['show', 'demo'])).toMatchObject({ status: 0, stderr: '' });
    const shapes = ['--data', 'shapes', '--headless'];
    for (const args of [
      ['train', ...shapes],
      ['probe', ...shapes, '--run', '/tmp/x'],
      ['data', 'fetch', 'mnist'],
    ]) {
      expect(run(args)).toMatchObject({ status: expect.any(Number), stderr: expect.stringContaining(noHome) });
    }
    // What a container says instead: a home that is not the user's.
    expect(run(['train', ...shapes], { HOME: '/' }).stderr).toMatch(/permission denied\nSet HOME or XDG_DATA_HOME/);
    expect(run(['train', ...shapes], { HOME: 'here' }).stderr).toContain(noHome);
  });

  it('names file and key of a bad configuration', async () => {
    const person = await newPerson();
    const file = join(person.home, 'deepview-tui.config.json');
    await writeFile(file, '{"epochs": "\\u001b[2Jmany"}');
    const ended = await runProgram(person, ['runs']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(`Key "epochs" of ${file}`);
    expect(ended.stderr).not.toMatch(control);
  });

  it('ends quietly when its reader goes away', async () => {
    const person = await newPerson();
    for (let index = 0; index < 3; index++) {
      await writeRun(join(person.runs, `run-${index}`), { header: headerOf({ id: `run-${index}` }) });
    }
    // A reader that takes nothing at all, and one that takes a line.
    for (const reader of ['true', 'head -1']) {
      const shell = spawn(
        'sh',
        ['-c', `"$0" "$1" runs list; echo "code $?" >&2) | ${reader}`.replace(/^/, '('), process.execPath, program],
        {
          env: person.env,
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      );
      let stderr = '';
      shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      await new Promise((resolve) => shell.on('close', resolve));
      expect(stderr).toBe('code 0\n');
    }
  });
});

describe('completion in bash', () => {
  it('gives commands, choices and the runs there are', async () => {
    const person = await newPerson();
    await writeRun(join(person.runs, '20260101-1200-tiny-aaaa'), { header: headerOf() });
    const { stdout: script } = await runProgram(person, ['completion', 'bash']);
    await writeFile(join(person.home, 'deepview-tui'), `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`, {
      mode: 0o755,
    });
    const press = `COMP_WORDS=(deepview-tui "$@" ""); COMP_CWORD=$(($# + 1)); _deepview_tui; echo "\${COMPREPLY[*]}"`;
    const completed = async (...words: string[]): Promise<string> => {
      const shell = spawn('bash', ['-c', `${script}${press}`, 'bash', ...words], {
        env: { ...person.env, PATH: `${person.home}:${person.env['PATH']}` },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let stdout = '';
      shell.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      await new Promise((resolve) => shell.on('close', resolve));
      return stdout;
    };
    expect(await completed()).toMatch(/^train reproduce .* runs /);
    expect(await completed('train', '--fit')).toBe('crop stretch\n');
    expect(await completed('watch')).toContain('demo last 20260101-1200-tiny-aaaa');
    expect(await completed('runs', 'rm')).not.toContain('demo');
    expect(await completed('show', 'last', '--metric')).toBe('\n');
  });
});

describe('what others wrote into a run', () => {
  const hostile = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202evil';

  it('does not reach the terminal as control characters', async () => {
    const person = await newPerson();
    const directory = join(person.runs, '20260101-1200-tiny-aaaa');
    const honest = headerOf();
    await writeRun(directory, { header: honest });
    const file = join(directory, 'run.json');
    const written = JSON.parse(await readFile(file, 'utf8'));
    written.network.name = `${hostile}net`;
    written.network.layers[0].name = `${hostile}conv`;
    written.network.layers[0].label = `${hostile}conv`;
    written.dataset.name = `${hostile}data`;
    written.engine.name = `${hostile}engine`;
    await writeFile(file, JSON.stringify(written));
    for (const args of [
      ['runs'],
      ['show', directory],
      ['show', directory, '1'],
      ['watch', directory],
      ['open', directory],
    ]) {
      const { out, err } = await runHere(person.env, person.home, args);
      expect(out + err, args.join(' ')).not.toMatch(control);
      expect(out + err, args.join(' ')).not.toContain('\u202e');
    }
    const terminal = openProgram(person, ['open', directory], { timers: true });
    await terminal.waitFor(/tiny|net/);
    await expectCalm(person, terminal);
    expect(terminal.raw).not.toContain('\u001b]0;');
    expect(terminal.raw).not.toContain('owned\u0007');
    expect(Buffer.from(terminal.raw, 'latin1').toString('utf8')).not.toMatch(/\u202e|\u009b/);
    expect(terminal.ending).toBeUndefined();
  });

  it('of a newer format is refused by name', async () => {
    const person = await newPerson();
    const directory = join(person.runs, 'newer');
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'run.json'), JSON.stringify({ ...headerOf(), format: 3 }));
    for (const args of [
      ['show', 'newer'],
      ['open', 'newer'],
      ['train', '--resume', 'newer', '--headless'],
    ]) {
      const ended = await runHere(person.env, person.home, args);
      expect(ended.code, args.join(' ')).toBe(4);
      expect(ended.err).toMatch(/format 3|newer/);
    }
    // One unreadable run does not hide the others.
    await writeRun(join(person.runs, 'good'), { header: headerOf({ id: 'good' }) });
    const list = await runProgram(person, ['runs']);
    expect(list.stdout).toContain('good');
    expect(list.stderr).toContain('newer');
    expect(list.code).toBe(0);
  });
});

describe('terminals that cannot show the screen', () => {
  it('get the view as text when they are dumb', async () => {
    const person = await newPerson();
    const directory = join(person.runs, 'tiny');
    await writeRun(directory, { header: headerOf({ id: 'tiny' }) });
    const terminal = openProgram(person, ['open', 'tiny'], { env: { TERM: 'dumb' } });
    expect((await terminal.waitForEnd()).code).toBe(0);
    expect(terminal.text()).toContain('conv5-3');
    expect(terminal.raw).not.toContain('\u001b');
  });

  it('get help instead of the home screen when they are dumb', async () => {
    const terminal = openProgram(await newPerson(), [], { env: { TERM: 'dumb' }, rows: 80 });
    expect((await terminal.waitForEnd()).code).toBe(0);
    expect(terminal.raw).toContain('Commands');
    expect(terminal.raw).not.toContain('\u001b');
  });

  it('get no colours under NO_COLOR', async () => {
    const person = await newPerson();
    await writeRun(join(person.runs, 'tiny'), { header: headerOf({ id: 'tiny' }) });
    const terminal = openProgram(person, ['open', 'tiny'], { env: { NO_COLOR: '1' }, timers: true });
    await terminal.waitFor('conv5-3');
    await expectCalm(person, terminal);
    const coloured = terminal
      .screen()
      .flat()
      .filter((cell) => cell.foreground ?? cell.background);
    expect(coloured).toEqual([]);
    const colourful = openProgram(person, ['open', 'tiny']);
    await colourful.waitFor('conv5-3');
    await colourful.waitFor((shown) =>
      shown
        .screen()
        .flat()
        .some((cell) => cell.background),
    );
  });
});

describe('doctor', () => {
  it('asks the terminal, and leaves it as it was', async () => {
    const terminal = openProgram(await newPerson(), ['doctor'], { rows: 60 });
    expect((await terminal.waitForEnd()).code).toBe(0);
    expect(terminal.text()).toMatch(/size +80x60/);
    expect(terminal.text()).toMatch(/Settings/);
  });

  it('prints JSON with the origin of every setting', async () => {
    const person = await newPerson();
    const ended = await runProgram(person, ['doctor', '--json'], { DEEPVIEW_EPOCHS: '3' });
    const report = JSON.parse(ended.stdout);
    expect(report.settings).toContainEqual({ name: 'epochs', value: 3, from: 'DEEPVIEW_EPOCHS' });
    expect(report.places).toContainEqual(expect.objectContaining({ name: 'log', path: person.log }));
    expect(report.engine.engines.map((engine: { name: string }) => engine.name)).toContain('wasm');
    expect(ended.code).toBe(0);
  });

  it('misses the native engine only where no build of it computes', async () => {
    const problemsOf = async (person: Person): Promise<string[]> => {
      const ended = await runProgram(person, ['doctor', '--json'], { CXX: 'nothing' });
      return JSON.parse(ended.stdout).problems.map(({ code }: { code: string }) => code);
    };
    const person = await newPerson();
    expect(await problemsOf(person)).toContain('no-native-engine');
    await standInEngine('cuda', pathsFor({ HOME: person.home }));
    const found = await problemsOf(person);
    expect(found).toContain('gpu-not-used');
    expect(found).not.toContain('no-native-engine');
  });

  it('tells of settings that stop every other command', async () => {
    const person = await newPerson();
    const file = join(person.home, '.config/deepview-tui/config.json');
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, '{"epochs": 3, "batch": "many", "epoch": 2}');
    const told = await runProgram(person, ['doctor', '--json'], { DEEPVIEW_SEED: 'red' });
    const report = JSON.parse(told.stdout);
    expect(told.code).toBe(1);
    expect(report.problems.map(({ message }: { message: string }) => message)).toEqual([
      expect.stringContaining('Key "batch"'),
      expect.stringContaining('unknown key "epoch"'),
      expect.stringContaining('DEEPVIEW_SEED'),
    ]);
    expect(report.settings).toContainEqual({ name: 'epochs', value: 3, from: file });
    await writeFile(file, '{"epochs": ');
    expect((await runProgram(person, ['doctor'])).stdout).toMatch(/config\.json is not JSON/);
    expect((await runProgram(person, ['runs'])).code).toBe(2);
  });

  it('finds a place that cannot be used', async () => {
    const person = await newPerson();
    await mkdir(join(person.home, '.local'));
    await writeFile(join(person.home, '.local/share'), 'a file in the way');
    const ended = await runProgram(person, ['doctor', '--json']);
    expect(ended.code).toBe(1);
    expect(JSON.parse(ended.stdout).problems).toContainEqual(
      expect.objectContaining({ code: 'unwritable-place', severe: true }),
    );
  });
});
