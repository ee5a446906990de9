import { describe, expect, it } from 'vitest';
import { commandFor } from '../../src/views/keys/table.ts';
import { findingsOf } from '../../src/views/model/findings.ts';
import { placeOf, type ScreenState } from '../../src/views/model/state.ts';
import { stateOf, textOf } from './frame-files.ts';
import { after, fakeEvents } from './fake-run.ts';

const size = { columns: 120, rows: 40 };
const key = (state: ScreenState, name: string): ScreenState => {
  const command = commandFor(name, placeOf(state));
  return command ? after([{ source: 'key', command }], state) : state;
};
/** A run whose layer 5 is silent, and whose loss is none from epoch 4 on. */
const faulty = (): ScreenState => {
  const events = fakeEvents({ epochs: 6 }).map((event) => {
    if (event.type !== 'epoch') return event;
    const { record } = event;
    const dead = Array.from({ length: 12 }, (_, at) => (at === 4 ? 0.75 : 0));
    const scalars = { ...record.scalars, ...(record.number > 3 && { 'loss/train': NaN }) };
    return { ...event, record: { ...record, scalars, layers: { ...record.layers, dead } } };
  });
  return stateOf([{ source: 'run', events }], size, 'none');
};

describe('findings in the screen', () => {
  it('are counted in the footer, listed by !, the gravest first, and explained', () => {
    expect(textOf(faulty())).toMatch(/! \d findings?/);
    const text = textOf(key(faulty(), '!'));
    expect(text).toMatch(/error +numbers that are none[^]*warning +dead neurons +layer 5/);
    expect(text).toContain('loss/train is NaN at epoch 4');
    expect(text).toContain('Try: ');
  });

  it('lead to their place', () => {
    const first = key(key(faulty(), '!'), 'return');
    expect([first.dialog, first.cursor.epoch]).toEqual([undefined, 3]);
    const second = key(key(key(faulty(), '!'), 'down'), 'return');
    expect(second.cursor.layer).toBe(4);
  });

  it('are of the run that is shown, also before its first record', () => {
    const labels = Array.from({ length: 10 }, (_, at) => at);
    const [begin] = fakeEvents({ epochs: 0 });
    if (begin?.type !== 'run') throw new Error('no header');
    const healthy = { ...begin, header: { ...begin.header, probe: { indices: labels, labels } } };
    const first = stateOf([{ source: 'run', events: [begin] }], size, 'none');
    expect(findingsOf(first.run)).toHaveLength(1);
    const second = stateOf([{ source: 'run', events: [healthy] }], size, 'none');
    expect(findingsOf(second.run)).toEqual([]);
  });

  it('that a run has none of are said to be none', () => {
    // Of each class an image: one without any is something to be told.
    const labels = Array.from({ length: 10 }, (_, at) => at);
    const events = fakeEvents({ epochs: 1 }).map((event) =>
      event.type === 'run' ? { ...event, header: { ...event.header, probe: { indices: labels, labels } } } : event,
    );
    const none = stateOf([{ source: 'run', events }], size, 'none');
    expect(textOf(none)).not.toMatch(/! \d/);
    expect(key(none, '!').message?.text).toBe('Nothing found: this run looks healthy so far.');
  });
});
