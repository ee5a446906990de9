import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { newPerson, openProgram, program, runProgram, type Person } from './support.ts';

/** Runs the program in a shell, with a redirection or a limit. @param line `"$@"` stands for the program */
async function inShell(person: Person, line: string, args: readonly string[]) {
  const child = spawn('bash', ['-c', line, 'bash', process.execPath, program, ...args], {
    cwd: person.home,
    env: person.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.resume();
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, stderr };
}

const full =
  'deepview-tui: cannot write standard output: the disk is full\nFree some space; what was written before is intact.\n';

test.runIf(process.platform === 'linux')('every command that prints says that its output found no room', async () => {
  const person = await newPerson();
  const commands = [
    ['--version'],
    ['--help'],
    ['show', 'demo'],
    ['show', 'demo', '--format', 'png'],
    ['show', 'demo', '12/3', '--format', 'svg'],
    ['runs', 'list'],
    ['networks'],
    ['data', 'list'],
    ['engine'],
    ['doctor'],
    ['completion', 'bash'],
    ['watch', 'demo'],
  ];
  const next = async (): Promise<void> => {
    for (let args = commands.pop(); args; args = commands.pop()) {
      expect(await inShell(person, '"$@" > /dev/full', args), args.join(' ')).toEqual({ code: 1, stderr: full });
    }
  };
  await Promise.all([next(), next()]);
  const asJson = await inShell(person, '"$@" > /dev/full', ['show', 'demo', '--json']);
  expect(asJson.code).toBe(1);
  expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { code: 'disk-full' } });
});

test('output that is cut by a limit of file sizes is no success', async () => {
  const person = await newPerson();
  const { code, stderr } = await inShell(person, '(ulimit -f 1; "$@" > cut.txt)', ['show', 'demo', '--size', '120x40']);
  expect(stderr).toContain('cannot write standard output: the file would be larger than is allowed\n');
  expect(code).toBe(1);
});

test('a terminal that has not been told its size shows what 80x24 cells hold, or COLUMNS and LINES', async () => {
  const person = await newPerson();
  const run = async (args: readonly string[], env: Record<string, string> = {}): Promise<string[]> => {
    const terminal = openProgram(person, args, { env, before: 'stty rows 0 cols 0' });
    expect((await terminal.waitForEnd()).code).toBe(0);
    return terminal.text().split('\n');
  };
  const lines = await run(['show', 'demo', '12/3']);
  expect(lines.filter((line) => line !== '').length).toBeGreaterThan(15);
  const wide = await runProgram(person, ['show', 'demo'], { COLUMNS: '100', LINES: '30' });
  expect(Math.max(...wide.stdout.split('\n').map((line) => Array.from(line).length))).toBeGreaterThan(80);
  expect(wide.stdout.split('\n')).toHaveLength(31);
  expect((await run(['doctor'])).join('\n')).toContain('stty rows 24 cols 80');
});

test('a terminal that takes nothing keeps no command from ending at a signal', async () => {
  const person = await newPerson();
  const terminal = openProgram(person, ['show', 'demo', '--size', '800x300']);
  await terminal.waitFor(() => {
    // From its first bytes on nothing is taken.
    if (terminal.bytes > 0) terminal.stall(true);
    return terminal.bytes > 0;
  });
  terminal.signal('SIGTERM');
  const { code, signal } = await terminal.waitForEnd();
  expect([code, signal]).toEqual([0, constants.signals.SIGTERM]);
});
