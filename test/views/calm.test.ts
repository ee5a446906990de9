import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CalmState } from '../../src/views/screen/calm.ts';
import { initialState } from '../../src/views/model/state.ts';
import { createStore } from '../../src/views/screen/store.ts';

const store = (): ReturnType<typeof createStore> => createStore(initialState, () => undefined);

describe('CalmState', () => {
  it('follows once changes pause, and tells once', async () => {
    const busy = store();
    const calm = new CalmState(busy, 20);
    let told = 0;
    const heard = new Promise<void>((resolve) =>
      calm.subscribe(() => {
        told++;
        resolve();
      }),
    );
    for (const metric of ['density', 'discriminability', 'density'] as const) {
      busy.dispatch({ source: 'key', command: { id: metric } });
      expect(calm.state).toBe(initialState);
    }
    await heard;
    expect(calm.state).toBe(busy.state);
    expect(calm.state.metric).toBe('density');
    expect(told).toBe(1);
  });

  it('stays where it is after it is closed', async () => {
    const busy = store();
    const calm = new CalmState(busy, 1);
    busy.dispatch({ source: 'key', command: { id: 'density' } });
    calm.close();
    busy.dispatch({ source: 'key', command: { id: 'scale' } });
    await pause(20);
    expect(calm.state).toBe(initialState);
  });
});
