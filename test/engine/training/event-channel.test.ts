import { describe, expect, it } from 'vitest';
import { EventChannel } from '../../../src/engine/training/event-channel.ts';
import type { RunEvent } from '../../../src/engine/training/messages.ts';

const batch = (number: number): RunEvent => ({
  type: 'batch',
  epoch: 1,
  batch: number,
  batches: 1000,
  loss: 1,
  imagesPerSecond: 1,
  secondsLeft: 1,
  phase: 'training',
});
const notice = (text: string): RunEvent => ({ type: 'notice', text });

function slow() {
  const taken: RunEvent[] = [];
  const waiting: Array<(error: Error | null) => void> = [];
  const channel = new EventChannel((event, sent) => {
    taken.push(event);
    waiting.push(sent);
  }, 4);
  return { channel, taken, waiting };
}

describe('the event channel', () => {
  it('drops batches for a reader that is slow, but nothing else', () => {
    const { channel, taken, waiting } = slow();
    for (let number = 1; number <= 100; number++) channel.send(batch(number));
    for (let number = 1; number <= 10; number++) channel.send(notice(`${number}`));
    expect(taken.filter((event) => event.type === 'batch')).toHaveLength(4);
    expect(taken.filter((event) => event.type === 'notice')).toHaveLength(10);
    waiting.splice(0).forEach((sent) => sent(null));
    channel.send(batch(101));
    expect(taken.at(-1)).toEqual(batch(101));
  });

  it('is drained when everything left', async () => {
    const { channel, waiting } = slow();
    channel.send(notice('one'));
    let drained = false;
    const done = channel.drained().then(() => (drained = true));
    await Promise.resolve();
    expect(drained).toBe(false);
    waiting.splice(0).forEach((sent) => sent(null));
    await done;
    expect(drained).toBe(true);
  });

  it('closes when the reader is gone', async () => {
    const { channel, taken, waiting } = slow();
    channel.send(notice('one'));
    channel.send(notice('two'));
    const done = channel.drained();
    waiting[0](new Error('EPIPE'));
    await done;
    channel.send(notice('three'));
    expect(taken).toHaveLength(2);
  });
});
