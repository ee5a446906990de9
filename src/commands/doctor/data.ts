import { catalogue } from '../../engine/data/catalogue.ts';
import type { Paths } from '../../engine/base/paths.ts';
import type { Problem } from '../doctor.ts';

export interface DataState {
  name: string;
  state: 'ready' | 'absent' | 'damaged' | 'generated';
  directory?: string;
}

/** Which data sets are on this machine. One that is only absent is no problem: it is fetched when it is needed. */
export async function checkData(paths: Paths): Promise<{ states: DataState[]; problems: Problem[] }> {
  const states = await Promise.all(
    catalogue.map(async ({ name, store }): Promise<DataState> => {
      if (!store) return { name, state: 'generated' };
      return { name, state: (await store.glance(paths)).state, directory: store.directory(paths) };
    }),
  );
  const problems = states
    .filter((each) => each.state === 'damaged')
    .map((each) => ({
      code: 'damaged-data',
      message: `The data set ${each.name} is damaged at ${each.directory ?? ''}.`,
      remedy: `Run: deepview-tui data fetch ${each.name}`,
      severe: false,
    }));
  return { states, problems };
}
