import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inject } from 'vitest';
import { pathsFor, type Paths } from '../../src/engine/base/paths.ts';
import type { RunRecord } from '../../src/engine/run/format.ts';
import type { RunEvent, TrainingRequest } from '../../src/engine/training/messages.ts';
import { startTraining, type TrainingClient } from '../../src/engine/training/trainer-client.ts';
import type { TrainingEnd } from '../../src/engine/training/trainers.ts';
import { quickEngine } from './engines.ts';
import { fewImagesIn } from './few-images.ts';

/** A user of their own, who has the engines of this one. */
export interface TrainingHome {
  directory: string;
  env: NodeJS.ProcessEnv;
  paths: Paths;
  remove: () => Promise<void>;
}

/** Gives a home the engines of this user: nothing is installed for a test. */
export async function linkEngines({ engines }: Paths): Promise<void> {
  await mkdir(join(engines, '..'), { recursive: true });
  await symlink(pathsFor(process.env).engines, engines);
}

export async function trainingHome(): Promise<TrainingHome> {
  const directory = await mkdtemp(join(tmpdir(), 'deepview-training-'));
  const own = Object.entries(process.env).filter(([name]) => !/^(XDG|DEEPVIEW)_/.test(name));
  const env: NodeJS.ProcessEnv = { ...Object.fromEntries(own), HOME: directory, DEEPVIEW_GIVE_WAY: 'no' };
  const paths = pathsFor(env);
  await linkEngines(paths);
  return { directory, env, paths, remove: () => rm(directory, { recursive: true, force: true, maxRetries: 5 }) };
}

/** A training of a second. */
export const smallRequest = (changes: Partial<TrainingRequest> = {}): TrainingRequest => ({
  network: 'shallow',
  data: fewImagesIn(inject('shared')),
  // A run that is gone on with has its own.
  // (Searching the strongest patches takes longer than all the rest of so small an epoch.)
  ...(changes.resume === undefined && { batch: 25, probe: 100, epochs: 2, features: 'off', clipGradient: 'off' }),
  seed: 3,
  engine: quickEngine,
  ...changes,
});

export interface Watched {
  client: TrainingClient;
  events: RunEvent[];
  /** Resolves at the first event that fits; rejects when the training ends before. */
  seen: (fits: (event: RunEvent) => boolean) => Promise<RunEvent>;
  end: Promise<TrainingEnd>;
}

export function watchTraining(
  home: TrainingHome,
  request: TrainingRequest,
  where: { interactive?: boolean; inProcess?: boolean } = {},
): Watched {
  const client = startTraining(request, { interactive: false, ...where, paths: home.paths, env: home.env });
  const events: RunEvent[] = [];
  const waiting = new Set<(event: RunEvent) => void>();
  client.subscribe((event) => {
    events.push(event);
    waiting.forEach((look) => look(event));
  });
  const seen = (fits: (event: RunEvent) => boolean): Promise<RunEvent> =>
    new Promise((resolve, reject) => {
      const look = (event: RunEvent): void => {
        if (fits(event)) resolve(event);
      };
      events.forEach(look);
      waiting.add(look);
      void client.exited.then((end) => reject(new Error(`ended first: ${JSON.stringify(end)}`)));
    });
  return { client, events, seen, end: client.exited };
}

export const epochsOf = (events: readonly RunEvent[]): RunRecord[] =>
  events.flatMap((event) => (event.type === 'epoch' ? event.record : []));

/** The numbers that must not depend on when or how often training was interrupted. The drift is its readers' alone. */
export const numbersOf = (records: readonly RunRecord[]): unknown[] =>
  records.map(({ number, scalars, layers: { drift: _, ...layers } }) => ({ number, scalars, layers }));

/** Waits until the run's status says one of `states`. */
export async function statusReached(directory: string, ...states: string[]): Promise<string> {
  for (;;) {
    const status = await readFile(join(directory, 'status.json'), 'utf8').then(
      (text) => (JSON.parse(text) as { state: string }).state,
      () => undefined,
    );
    if (status !== undefined && states.includes(status)) return status;
    await pause(50);
  }
}
