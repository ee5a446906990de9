import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { ExplorationAnswer, ExplorationRequest } from '../../src/engine/analysis/questions/messages.ts';
import type { Exploration } from '../../src/engine/analysis/questions/client.ts';
import { Explorer } from '../../src/views/screen/explorer.ts';
import { mapOf } from '../../src/views/layer/explored.ts';
import { initialState, type ScreenState, type ViewAction } from '../../src/views/model/state.ts';
import { createStore, type Store } from '../../src/views/screen/store.ts';
import { fakeMap } from './fake-layer.ts';
import { fakeEpoch, fakeEvents, fakeHeader, press } from './fake-run.ts';

/** An analysis thread that writes down what it is asked, and answers what a test tells it to. */
function scene(renewal = 0, from: ScreenState = { ...initialState, size: { columns: 120, rows: 40 } }) {
  const asked: ExplorationRequest[] = [];
  const cancelled: (string | undefined)[] = [];
  const threads: { directory: string; closed: boolean; tell: (answer: ExplorationAnswer) => void }[] = [];
  const store: Store = createStore(from, () => undefined);
  const explorer = new Explorer(
    store,
    (directory): Exploration => {
      const listeners = new Set<(answer: ExplorationAnswer) => void>();
      const thread = {
        directory,
        closed: false,
        tell: (answer: ExplorationAnswer) => listeners.forEach((listener) => listener(answer)),
      };
      threads.push(thread);
      return {
        ask: (request) => asked.push(request),
        subscribe: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        cancel: (type) => cancelled.push(type),
        close: async () => {
          thread.closed = true;
          await Promise.resolve();
        },
      };
    },
    renewal,
  );
  const act = (...actions: ViewAction[]): void => {
    for (const action of actions) store.dispatch(action);
  };
  const types = (): string[] => asked.map(({ type }) => type);
  /** After the pause that keeps a held key from asking for every epoch it passes. */
  const settled = async (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5000, interval: 10 });
  return { asked, cancelled, threads, store, explorer, act, types, settled };
}

const run: ViewAction = { source: 'run', events: fakeEvents({ epochs: 5 }) };

describe('the explorer', () => {
  it('starts no thread before a layer is opened, then asks once', async () => {
    const { act, threads, types, settled, explorer } = scene();
    act(run, ...press('down', 'down'));
    await wait(60);
    expect(threads).toEqual([]);
    act(...press('open'));
    await settled(() => expect(types()).toEqual(['evolution', 'map']));
    expect(threads[0]?.directory).toMatch(/runs/);
    act(...press('up', 'next-metric'));
    await wait(60);
    expect(types()).toEqual(['evolution', 'map']);
    await explorer.close();
  });

  it('hands answers to the state', async () => {
    const { act, threads, store, settled, explorer } = scene();
    act(run, ...press('open'));
    await settled(() => expect(threads).toHaveLength(1));
    threads[0]?.tell({ type: 'map', map: fakeMap(1, 5, 32) });
    expect(mapOf(store.state)?.k).toBe(5);
    await settled(() => expect(store.state.exploration.map).toBeDefined());
    await explorer.close();
  });

  it('asks anew once an epoch while training, and not while the display is frozen', async () => {
    const { act, asked, settled, explorer } = scene();
    act(run, ...press('open'));
    await settled(() => expect(asked).toHaveLength(2));
    const epoch = (number: number): ViewAction => ({
      source: 'run',
      events: [{ type: 'epoch', record: fakeEpoch(fakeHeader(), number) }],
    });
    act(epoch(6));
    await settled(() => expect(asked.slice(2)).toMatchObject([{ type: 'evolution' }, { type: 'map', epoch: 6 }]));
    act(...press('freeze'), epoch(7));
    await wait(100);
    expect(asked).toHaveLength(4);
    act(...press('freeze'));
    await settled(() => expect(asked.slice(4)).toMatchObject([{ type: 'evolution' }, { type: 'map', epoch: 7 }]));
    await explorer.close();
  });

  it('lets new epochs wait so that a slow line can follow, and nothing that a person does', async () => {
    const { act, asked, settled, explorer } = scene(3_600_000);
    act(run, ...press('open'));
    await settled(() => expect(asked).toHaveLength(2));
    act({ source: 'run', events: [{ type: 'epoch', record: fakeEpoch(fakeHeader(), 6) }] });
    await wait(100);
    expect(asked).toHaveLength(2);
    act(...press('left', 'left'));
    await settled(() => expect(asked.slice(2)).toMatchObject([{ type: 'map', epoch: 4 }]));
    act(...press('next-layer'));
    await settled(() => expect(asked.slice(3)).toMatchObject([{ type: 'evolution', layer: 2 }, { type: 'map' }]));
    await explorer.close();
  });

  it('asks by itself when a new epoch has waited long enough', async () => {
    const { act, asked, settled, explorer } = scene(300);
    act(run, ...press('open'));
    await settled(() => expect(asked).toHaveLength(2));
    act({ source: 'run', events: [{ type: 'epoch', record: fakeEpoch(fakeHeader(), 6) }] });
    await settled(() => expect(asked.slice(2)).toMatchObject([{ type: 'evolution' }, { type: 'map', epoch: 6 }]));
    await explorer.close();
  });

  it('passes over the epochs that a held key runs through', async () => {
    const { act, asked, settled, explorer } = scene();
    act({ source: 'run', events: fakeEvents({ epochs: 40 }) }, ...press('open'));
    await settled(() => expect(asked).toHaveLength(2));
    await wait(60);
    act(...press(...Array.from({ length: 30 }, () => 'left' as const)));
    await settled(() => expect(asked.at(-1)).toMatchObject({ type: 'map', epoch: 10 }));
    expect(asked.filter(({ type }) => type === 'map').length).toBeLessThan(5);
    await explorer.close();
  });

  it('ends what nobody looks at any more, and the thread with its run', async () => {
    const { act, cancelled, threads, settled, explorer } = scene();
    act(run, ...press('open'));
    await settled(() => expect(threads).toHaveLength(1));
    act(...press('back'));
    await settled(() => expect(cancelled.toSorted()).toEqual(['evolution', 'map']));
    act({ source: 'opened', control: 'none' });
    await settled(() => expect(threads[0]?.closed).toBe(true));
    await explorer.close();
  });

  it('asks nothing after it was closed', async () => {
    const { act, asked, threads, explorer, settled } = scene();
    act(run, ...press('open'));
    await settled(() => expect(asked).toHaveLength(2));
    await explorer.close();
    expect(threads[0]?.closed).toBe(true);
    act(...press('next-layer'));
    await wait(60);
    expect(asked).toHaveLength(2);
  });
});
