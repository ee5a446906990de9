import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { RunRecord } from '../../src/engine/run/format.ts';
import { pathsFor } from '../../src/engine/base/paths.ts';
import type { Size } from '../../src/imaging/cells/cells.ts';
import { countingTimers, expectCalm as expectCalmOf } from '../support/terminal/calm.ts';
import type { Emulator } from '../support/terminal/emulator.ts';
import { openTerminal, type TestTerminal } from '../support/terminal/open-terminal.ts';

/** The program as it is shipped. */
export const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** A person of one's own: a home directory that is gone after the test, and the environment that goes with it. */
export interface Person {
  home: string;
  env: Record<string, string>;
  /** Where the runs are. */
  runs: string;
  log: string;
}

export async function newPerson(): Promise<Person> {
  const home = await mkdtemp(join(tmpdir(), 'deepview-e2e-'));
  const env = {
    HOME: home,
    PATH: process.env['PATH'] ?? '',
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    // What a test waits for must not stand back behind the tests beside it.
    DEEPVIEW_GIVE_WAY: 'no',
  };
  const { runs, log } = pathsFor(env);
  // A training that was let go may still be writing.
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));
  return { home, env, runs, log };
}

const timersFile = (person: Person): string => join(person.home, 'timers');

interface ProgramOptions {
  columns?: number;
  rows?: number;
  env?: Record<string, string>;
  /** For `expectCalm`. */
  timers?: boolean;
  /** What a shell does before the program takes its place. */
  before?: string;
  emulator?: (size: Size) => Emulator;
}

/**
 * The program in a terminal of 80x24; closed after the test.
 * @param cli the program, where it is installed elsewhere
 */
export function openProgram(
  person: Person,
  args: readonly string[],
  { timers, env, before, ...size }: ProgramOptions = {},
  cli = program,
): TestTerminal {
  const counting = timers ? countingTimers(timersFile(person)) : undefined;
  const line = [process.execPath, ...(counting?.args ?? []), cli, ...args];
  const shell = before === undefined ? [] : ['bash', '-c', `${before}; exec "$@"`, 'bash'];
  const [command = '', ...rest] = [...shell, ...line];
  const terminal = openTerminal({
    command,
    args: rest,
    cwd: person.home,
    ...size,
    env: { ...person.env, ...counting?.env, ...env },
  });
  onTestFinished(async () => {
    await terminal.close();
  });
  return terminal;
}

/** An interactive shell, in which `"${cli[@]}"` is the program; closed after the test. */
export async function openShell(person: Person, emulator?: ProgramOptions['emulator']): Promise<TestTerminal> {
  const start = join(person.home, 'shell');
  await writeFile(start, `PS1='ready> '; cli=(${process.execPath} ${program})\n`);
  const terminal = openTerminal({
    command: 'bash',
    args: ['--noprofile', '--rcfile', start, '-i'],
    cwd: person.home,
    env: person.env,
    ...(emulator && { emulator }),
  });
  onTestFinished(async () => {
    await terminal.close();
  });
  await terminal.waitFor('ready>');
  return terminal;
}

/** As `expectCalm` of a program that was opened with `timers`. */
export const expectCalm = (person: Person, terminal: TestTerminal): Promise<void> =>
  expectCalmOf(terminal, timersFile(person));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs the program without a terminal to its end. @param cli the program, where it is installed elsewhere */
export async function runProgram(
  person: Person,
  args: readonly string[],
  env: Record<string, string> = {},
  cli = program,
): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: person.home,
    env: { ...person.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A test that fails waiting leaves nothing behind: a headless training ends with its parent.
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Waits until something holds; it may throw until then. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  timeout = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeout;
  let last: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (thrown) {
      last = thrown;
    }
    if (Date.now() > deadline) throw new Error(`not within ${timeout} ms: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The only run of a person, once it is there. */
export function onlyRun(person: Person): Promise<string> {
  return until('a run', async () => {
    const [name] = await readdir(person.runs);
    return name === undefined ? undefined : join(person.runs, name);
  });
}

/** What a run has committed so far. */
export async function epochsOf(directory: string): Promise<RunRecord[]> {
  const text = await readFile(join(directory, 'epochs.jsonl'), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as RunRecord);
}

/** The processes that a process has started and that are there. */
export async function childrenOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // After the name, which may hold anything: state, parent.
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid) children.push(Number(name));
  }
  return children;
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
