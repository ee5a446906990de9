import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CommitQueue } from '../../../src/engine/training/commit-queue.ts';

/** A queue, what its tasks did, and what it told of failures. */
function watched() {
  const done: string[] = [];
  const failures: unknown[] = [];
  const queue = new CommitQueue((thrown) => failures.push(thrown));
  /** Adds a task that ends when it is told to. */
  const add = (name: string): ((thrown?: Error) => void) => {
    let end: (thrown?: Error) => void = () => undefined;
    const told = new Promise<void>((resolve, reject) => (end = (thrown) => (thrown ? reject(thrown) : resolve())));
    queue.add(async () => {
      done.push(`${name} begins`);
      await told;
      done.push(`${name} ends`);
    });
    return end;
  };
  return { queue, done, failures, add };
}

test('tasks are carried out one after another, in the order they came', async () => {
  const { queue, done, add } = watched();
  expect(queue.length).toBe(0);
  await queue.drained();
  const [endFirst, endSecond] = [add('first'), add('second')];
  endSecond();
  await turn();
  expect([queue.length, done]).toEqual([2, ['first begins']]);
  endFirst();
  await queue.drained();
  expect([queue.length, done]).toEqual([0, ['first begins', 'first ends', 'second begins', 'second ends']]);
});

test('after a failure, which is told once, what waits is left out', async () => {
  const { queue, done, failures, add } = watched();
  const broken = new Error('broken');
  add('first')(broken);
  add('second')();
  await expect(queue.drained()).rejects.toBe(broken);
  expect([queue.length, done, failures]).toEqual([0, ['first begins'], [broken]]);
  add('third')();
  await expect(queue.drained()).rejects.toBe(broken);
  expect([done.length, failures.length]).toEqual([1, 1]);
});

test('it is waited for until all is done, or for so long', async () => {
  const { queue, add } = watched();
  // With nothing to wait for there is no timer that would hold the process.
  await queue.settledWithin(1_000_000);
  const end = add('first');
  await queue.settledWithin(1);
  expect(queue.length).toBe(1);
  const settled = queue.settledWithin(1_000_000);
  end();
  await settled;
  expect(queue.length).toBe(0);
});
