import { readFile, rm } from 'node:fs/promises';
import { expect } from 'vitest';
import type { TestTerminal } from './open-terminal.ts';

/** On SIGUSR2 a program with this before it writes the number of its pending timers into a file. */
const counter = `data:text/javascript,${encodeURIComponent(`
  import { createHook } from 'node:async_hooks';
  import { renameSync, writeFileSync } from 'node:fs';
  const timers = new Set();
  createHook({
    init: (id, type) => (type === 'Timeout' || type === 'Immediate') && timers.add(id),
    destroy: (id) => timers.delete(id),
  }).enable();
  process.on('SIGUSR2', () => {
    writeFileSync(process.env.TIMERS + '.new', String(timers.size));
    renameSync(process.env.TIMERS + '.new', process.env.TIMERS);
  });
`)}`;

/** What node and the environment of a program are to have, so that `expectCalm` can ask it. @param file for its answer */
export const countingTimers = (file: string): { args: string[]; env: { TIMERS: string } } => ({
  args: ['--import', counter],
  env: { TIMERS: file },
});

/**
 * Waits until a program has no timer pending, without which it draws nothing unasked, and has drawn nothing since: for
 * one that is not calm it waits in vain.
 */
export async function expectCalm(terminal: TestTerminal, file: string): Promise<void> {
  const timers = async (): Promise<number> => {
    await rm(file, { force: true });
    terminal.signal('SIGUSR2');
    await expect.poll(() => readFile(file, 'utf8').catch(() => ''), { timeout: 60_000 }).not.toBe('');
    return Number(await readFile(file, 'utf8'));
  };
  const isCalm = async (): Promise<boolean> => {
    const before = terminal.bytes;
    const pending = await timers();
    await terminal.settle();
    return pending === 0 && (await timers()) === 0 && terminal.bytes === before;
  };
  await expect.poll(isCalm, { timeout: 60_000 }).toBe(true);
}
