import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunHeader } from '../../../src/engine/run/format.ts';
import type { RunRequest } from '../../../src/engine/run/requests.ts';
import type { RunStatus } from '../../../src/engine/run/status.ts';
import type { RunEvent, TrainingCommand, TrainingRequest } from '../../../src/engine/training/messages.ts';
import { Supervisor, type ThreadListeners } from '../../../src/engine/training/supervisor.ts';

const request: TrainingRequest = { network: 'lenet', data: 'shapes', seed: 1, engine: 'auto' };
const runEvent: RunEvent = { type: 'run', header: {} as RunHeader, directory: '/run' };

function watched({
  failingRecord = false,
  isNew = true,
  started = true,
  terminate = () => Promise.resolve(),
  notify = () => Promise.resolve(),
} = {}) {
  const posted: TrainingCommand[] = [];
  const sent: RunEvent[] = [];
  const recorded: unknown[] = [];
  const logged: string[] = [];
  const said: Partial<RunStatus>[] = [];
  const requests: RunRequest[] = [];
  const restored: string[] = [];
  /** What was done, in order, of that which whoever has the run next may rely on. */
  const order: string[] = [];
  const notified: unknown[] = [];
  const timers: Array<{ task: () => void; milliseconds: number }> = [];
  let terminated = 0;
  let thread: ThreadListeners | undefined;
  const supervisor = new Supervisor({
    startThread: (listeners) => {
      thread = listeners;
      return {
        post: (command) => posted.push(command),
        terminate: () => (terminated++, order.push('terminated'), terminate()),
      };
    },
    send: (event) => {
      sent.push(event);
      if (event.type === 'state') order.push(`told ${event.state}`);
    },
    before: () =>
      Promise.resolve({
        isNew,
        restore: () => Promise.resolve(void restored.push('restored')),
        release: () => Promise.resolve(void order.push('released')),
      }),
    asked: () => Promise.resolve(requests.splice(0)),
    record: (directory, state, extra) => {
      if (failingRecord) return Promise.reject(new Error('no such directory'));
      recorded.push([directory, state, extra.progress?.batch, extra.error?.code]);
      said.push(extra);
      order.push(`recorded ${state}`);
      return Promise.resolve();
    },
    every: (milliseconds, task) => {
      const timer = { task, milliseconds };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
    notify: (command, ended) => (notified.push([command, ended]), notify()),
    log: (line) => logged.push(line),
  });
  if (started) supervisor.command({ type: 'start', request });
  const from = () => {
    if (!thread) throw new Error('no thread');
    return thread;
  };
  const tick = () => timers.filter((timer) => timer.milliseconds <= 2000).forEach((timer) => timer.task());
  const runOut = () => timers.filter((timer) => timer.milliseconds > 2000).forEach((timer) => timer.task());
  const seen = { posted, sent, recorded, said, requests, restored, order, logged, notified, timers };
  return { supervisor, from, ...seen, tick, runOut, terminated: () => terminated };
}

describe('the supervisor', () => {
  it('starts one thread, and passes commands to it and events from it', () => {
    const { supervisor, from, posted, sent } = watched();
    supervisor.command({ type: 'start', request });
    supervisor.command({ type: 'pause' });
    from().onEvent({ type: 'notice', text: 'hello' });
    expect(posted).toEqual([{ type: 'start', request }, { type: 'pause' }]);
    expect(sent).toEqual([{ type: 'notice', text: 'hello' }]);
  });

  it('records a sign of life with the progress, once there is a run', async () => {
    const { from, recorded, tick } = watched();
    tick();
    expect(recorded).toEqual([]);
    from().onEvent(runEvent);
    from().onEvent({ type: 'state', state: 'running' });
    const batch = { batch: 3, batches: 9, epoch: 1, loss: 1, imagesPerSecond: 1, secondsLeft: 1 };
    from().onEvent({ type: 'batch', ...batch, phase: 'training' });
    tick();
    await turn();
    expect(recorded).toEqual([
      ['/run', 'running', undefined, undefined],
      ['/run', 'running', 3, undefined],
    ]);
  });

  it('records the last state before it passes it on, and only once', async () => {
    const { supervisor, from, recorded, sent, timers, terminated } = watched();
    from().onEvent(runEvent);
    from().onEvent({ type: 'state', state: 'finished' });
    expect(sent).toEqual([runEvent]);
    expect(await supervisor.ended).toBe('finished');
    from().onExit(1);
    await turn();
    expect(recorded).toEqual([['/run', 'finished', undefined, undefined]]);
    expect(sent).toEqual([runEvent, { type: 'state', state: 'finished' }]);
    expect(timers).toEqual([]);
    expect(terminated()).toBe(1);
  });

  it('does what the user wants done at the end, once the end is recorded and told', async () => {
    const { supervisor, from, sent, recorded, notified } = watched({ started: false });
    supervisor.command({ type: 'start', request: { ...request, notify: 'mail me' } });
    from().onEvent(runEvent);
    const batch = { batch: 3, batches: 9, epoch: 7, loss: 1, imagesPerSecond: 1, secondsLeft: 1 };
    from().onEvent({ type: 'batch', ...batch, phase: 'training' });
    from().onEvent({ type: 'state', state: 'diverged', reason: 'the loss is NaN' });
    expect(notified).toEqual([]);
    expect(await supervisor.ended).toBe('diverged');
    expect([recorded.length, sent.at(-1)]).toEqual([
      1,
      { type: 'state', state: 'diverged', reason: 'the loss is NaN' },
    ]);
    const ended = { state: 'diverged', directory: '/run', epoch: 7, why: 'the loss is NaN' };
    expect(notified).toEqual([['mail me', ended]]);
  });

  it('has ended as it ended where that cannot be done, and says why in the log', async () => {
    const notify = () => Promise.reject(new Error('the list of arguments is too long'));
    const { supervisor, from, logged } = watched({ started: false, notify });
    supervisor.command({ type: 'start', request: { ...request, notify: 'mail me' } });
    from().onEvent(runEvent);
    from().onEvent({ type: 'state', state: 'finished' });
    expect(await supervisor.ended).toBe('finished');
    expect(logged).toEqual(['--notify: the list of arguments is too long']);
  });

  it('keeps the lock until the last state is recorded, however it ends, and tells of it afterwards', async () => {
    for (const [state, end] of [
      ['finished', (thread: ThreadListeners) => thread.onEvent({ type: 'state', state: 'finished' })],
      ['failed', (thread: ThreadListeners) => thread.onError(new Error('out of ideas'))],
      ['failed', (thread: ThreadListeners) => thread.onExit(134)],
    ] as const) {
      const { supervisor, from, order, sent } = watched();
      from().onEvent({ type: 'begun', id: 'one', directory: '/run', isMade: true });
      from().onEvent(runEvent);
      end(from());
      await supervisor.ended;
      expect(order.slice(-4)).toEqual([`recorded ${state}`, 'terminated', 'released', `told ${state}`]);
      expect(sent[0]).toEqual({ type: 'begun', id: 'one', directory: '/run' });
    }
  });

  it('turns an exception of the thread into a failed run', async () => {
    const { supervisor, from, recorded, sent } = watched();
    from().onEvent(runEvent);
    from().onError(new Error('out of ideas'));
    expect(await supervisor.ended).toBe('failed');
    expect(recorded).toEqual([['/run', 'failed', undefined, 'internal']]);
    expect(sent.at(-1)).toMatchObject({ state: 'failed', error: { message: 'out of ideas' } });
  });

  it('names lost memory as such', async () => {
    const { supervisor, from, sent } = watched();
    from().onError(Object.assign(new Error('heap'), { code: 'ERR_WORKER_OUT_OF_MEMORY' }));
    await supervisor.ended;
    expect(sent.at(-1)).toMatchObject({ error: { code: 'out-of-memory' } });
  });

  it('notices a thread that ends without a word', async () => {
    const { supervisor, from, sent } = watched();
    from().onExit(134);
    expect(await supervisor.ended).toBe('failed');
    expect(sent.at(-1)).toMatchObject({
      error: { code: 'training-thread-ended', hint: expect.stringMatching(/still being prepared/) as string },
    });
    const prepared = watched();
    prepared.from().onEvent(runEvent);
    prepared.from().onExit(134);
    await prepared.supervisor.ended;
    expect(prepared.sent.at(-1)).toMatchObject({
      error: { hint: expect.stringMatching(/deepview-tui train --resume \/run$/) as string },
    });
  });

  it('asks a thread to stop, and ends one that does not answer', async () => {
    const { supervisor, from, posted, recorded, runOut, terminated } = watched();
    from().onEvent(runEvent);
    supervisor.stop();
    supervisor.stop();
    expect(posted.slice(1)).toEqual([{ type: 'stop', when: 'now' }]);
    runOut();
    expect(await supervisor.ended).toBe('stopped');
    expect(terminated()).toBe(1);
    expect(recorded.at(-1)).toEqual(['/run', 'stopped', undefined, undefined]);
  });

  it('says from the beginning what is prepared, and can only be stopped then', async () => {
    const { from, said, requests, posted, tick } = watched();
    from().onEvent({ type: 'begun', id: 'one', directory: '/run', network: 'lenet' });
    from().onEvent({ type: 'step', progress: { label: 'unpacking', done: 1, unit: 'items' } });
    from().onEvent({ type: 'step', progress: { label: 'unpacking', done: 2, unit: 'items' } });
    requests.push('pause', 'stop-after-epoch');
    tick();
    await turn();
    expect(said.at(-1)).toMatchObject({
      requests: ['stop-now'],
      preparing: { id: 'one', network: 'lenet', steps: [{ label: 'unpacking', done: 2 }] },
    });
    expect(posted).toHaveLength(1);
    from().onEvent(runEvent);
    from().onEvent({ type: 'state', state: 'running' });
    await turn();
    expect(said.at(-1)).toEqual({ requests: ['pause', 'continue', 'stop-after-epoch', 'stop-now'] });
  });

  it.each([
    ['a new run that is stopped', true, 'stopped', undefined, ['restored']],
    ['a new run that was refused', true, 'failed', 2, ['restored']],
    ['a new run that failed', true, 'failed', undefined, []],
    ['a run that could not go on', false, 'failed', undefined, ['restored']],
  ] as const)('leaves nothing of %s, if there is nothing to read', async (_, isNew, state, exitCode, undone) => {
    const { supervisor, from, restored, recorded } = watched({ isNew });
    from().onEvent({ type: 'begun', id: 'one', directory: '/run' });
    const error = { code: 'data-unavailable', message: 'no', ...(exitCode && { exitCode }) };
    from().onEvent({ type: 'state', state, ...(state === 'failed' && { error }) });
    expect(await supervisor.ended).toBe(state);
    expect(restored).toEqual(undone);
    expect(recorded.some((one) => (one as string[])[1] === state)).toBe(undone.length === 0);
  });

  it('does what is asked in the directory of the run, and says so', async () => {
    const { from, posted, sent, said, requests, tick } = watched();
    from().onEvent(runEvent);
    from().onEvent({ type: 'state', state: 'running' });
    requests.push('pause', 'continue', 'stop-after-epoch');
    tick();
    await turn();
    await turn();
    expect(posted.slice(1)).toEqual([{ type: 'pause' }, { type: 'resume' }, { type: 'stop', when: 'after-epoch' }]);
    expect(sent.at(-1)).toEqual({ type: 'state', state: 'running', ending: 'after-epoch' });
    expect(said.at(-1)).toMatchObject({ ending: 'after-epoch' });
    from().onEvent({ type: 'state', state: 'paused' });
    expect(sent.at(-1)).toEqual({ type: 'state', state: 'paused', ending: 'after-epoch' });
  });

  it('survives a run directory that is gone, and says so once in the log', async () => {
    const { supervisor, from, logged, tick } = watched({ failingRecord: true });
    from().onEvent(runEvent);
    tick();
    tick();
    from().onEvent({ type: 'state', state: 'finished' });
    expect(await supervisor.ended).toBe('finished');
    expect(logged).toEqual(['status not written: no such directory']);
  });

  const error = { code: 'bad', message: 'it went wrong' };
  it.each([
    { type: 'state', state: 'finished', reason: 'no longer better' },
    { type: 'state', state: 'finished' },
    { type: 'state', state: 'stopped' },
    { type: 'state', state: 'failed', error },
    { type: 'state', state: 'crashed', error },
  ] as const)('takes the word of the thread for its end: %j', async (last) => {
    const { supervisor, from, recorded, sent } = watched();
    from().onEvent(runEvent);
    from().onEvent(last);
    expect(await supervisor.ended).toBe(last.state);
    expect(recorded).toEqual([['/run', last.state, undefined, 'error' in last ? 'bad' : undefined]]);
    expect(sent.slice(1)).toStrictEqual([last]);
  });

  it('passes nothing on once it is over', async () => {
    const { supervisor, from, posted, sent, recorded } = watched();
    from().onEvent(runEvent);
    from().onEvent({ type: 'state', state: 'stopped' });
    await supervisor.ended;
    const before = [posted.length, sent.length, recorded.length];
    supervisor.command({ type: 'pause' });
    supervisor.stop();
    from().onEvent({ type: 'notice', text: 'too late' });
    from().onError(new Error('too late'));
    await turn();
    expect([posted.length, sent.length, recorded.length]).toEqual(before);
  });

  it('that is stopped before there is a thread starts none', async () => {
    const { supervisor, from, sent } = watched({ started: false });
    supervisor.command({ type: 'pause' });
    supervisor.stop();
    expect(await supervisor.ended).toBe('stopped');
    supervisor.command({ type: 'start', request });
    expect(from).toThrow('no thread');
    expect(sent).toStrictEqual([{ type: 'state', state: 'stopped' }]);
  });

  it('ends, and says so in the log, where a thread cannot be ended', async () => {
    const { supervisor, from, logged } = watched({ terminate: () => Promise.reject(new Error('it will not go')) });
    from().onEvent({ type: 'state', state: 'finished' });
    expect(await supervisor.ended).toBe('failed');
    expect(logged).toEqual(['it will not go']);
  });
});
