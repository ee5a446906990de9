import { setImmediate } from 'node:timers/promises';
import type { Engine } from '../../backend/engine.ts';
import { ProgressMeter, type StepContext } from '../../base/progress.ts';
import type { Model } from '../model.ts';
import {
  layerImages,
  layerLabels,
  layerModel,
  lenetSteps,
  optimiserModel,
  optimiserStep,
  type LayerCase,
  type OptimiserCase,
  type ReferenceCases,
  type Values,
} from './cases.ts';

/** What the cases of one kind gave. */
export interface EngineCheck {
  name: string;
  cases: number;
  /** The greatest relative difference; what is not finite counts as infinitely different. */
  difference: number;
  tolerance: number;
  /** Cases whose difference is above the tolerance. */
  failed: string[];
}

export interface EngineReport {
  checks: EngineCheck[];
  /** Training lenet. */
  speed: { batch: number; imagesPerSecond: number }[];
}

/** Of float32: engines add up in orders of their own. */
const tolerance = 1e-4;
/** Images of the stored losses. */
const lossBatch = 50;
/** Milliseconds after which a batch size is measured; one step at least. */
const enough = 2000;

/**
 * Compares all that training computes on an engine with stored values (forward passes, gradients, optimisers, and the
 * losses of a short training), and measures how fast it trains.
 * @param batches sizes of batches that its speed is measured with
 * @throws DeepviewError `cancelled`, or whatever the signal was aborted with
 */
export async function checkEngine(
  engine: Engine,
  { layers, optimisers, losses }: ReferenceCases,
  { signal, onProgress }: Pick<StepContext, 'signal' | 'onProgress'>,
  batches: readonly number[] = [100, 200, 500, 1000, 2000],
): Promise<EngineReport> {
  const steps = lenetSteps(engine, lossBatch);
  const kinds: [name: string, cases: [name: string, difference: () => Promise<number>][]][] = [
    ['outputs, gradients and a step of layers', layers.map((each) => [each.case, () => layerDifference(engine, each)])],
    [
      'steps of optimisers',
      Object.entries(optimisers).map(([name, each]) => [name, () => stepDifference(engine, each)]),
    ],
    [
      'losses of lenet',
      losses.map((loss, at) => [
        `step ${at + 1}`,
        async () => relative(((await steps.next()).value as { loss: number }).loss, loss),
      ]),
    ],
  ];
  const total = kinds.reduce((sum, [, cases]) => sum + cases.length, batches.length);
  const meter = new ProgressMeter({ label: 'checking the engine', unit: 'items', total, onProgress });
  meter.startAt(0, total);
  const pause = async (): Promise<void> => {
    meter.advance(1);
    await setImmediate();
    signal.throwIfAborted();
  };
  const checks: EngineCheck[] = [];
  for (const [name, cases] of kinds) {
    const check: EngineCheck = { name, cases: cases.length, difference: 0, tolerance, failed: [] };
    for (const [which, differenceOf] of cases) {
      const found = await differenceOf();
      const difference = Number.isFinite(found) ? found : Infinity;
      check.difference = Math.max(check.difference, difference);
      if (difference > tolerance) check.failed.push(which);
      await pause();
    }
    checks.push(check);
  }
  await steps.return();
  const speed: EngineReport['speed'] = [];
  for (const batch of batches) {
    speed.push({ batch, imagesPerSecond: await speedOf(engine, batch) });
    await pause();
  }
  meter.finish();
  return { checks, speed };
}

const relative = (found: number, expected: number): number => Math.abs(found / expected - 1);

/** Root of the summed squared differences over the kept values, relative to that of their summed squares. */
export function relativeError(found: ArrayLike<number>, { size, step, values }: Values): number {
  if (found.length !== size) return Infinity;
  const squares = (all: readonly number[]): number => all.reduce((sum, value) => sum + value ** 2, 0);
  return Math.sqrt(squares(values.map((value, at) => found[at * step] - value)) / squares(values));
}

/** What a normalisation takes away again has no gradient but rounding errors, whose size is all that counts. */
function gradientError(found: ArrayLike<number>, expected: Values): number {
  const negligible = Math.max(...expected.values.map(Math.abs)) <= tolerance;
  return negligible ? Math.max(...Array.from(found, Math.abs)) : relativeError(found, expected);
}

async function layerDifference(engine: Engine, expected: LayerCase): Promise<number> {
  return using(await layerModel(engine, expected), async (model) => {
    // Before a step there are no statistics of batches to evaluate with.
    const batchStatistics = expected.layers.some(({ kind }) => kind === 'batch-normalisation');
    const before = batchStatistics ? 0 : relativeError(await model.logits(layerImages), expected.logits);
    const { loss } = await model.train(layerImages, layerLabels, { learningRate: 0.1, epoch: 1, batch: 1 });
    const state = await model.state();
    const after = Object.entries(expected.after).flatMap(([name, { value, velocity }]) => [
      relativeError(state.get(name)?.data ?? [], value),
      velocity ? gradientError(state.get(`${name}.velocity`)?.data ?? [], velocity) : 0,
    ]);
    const evaluated = relativeError(await model.logits(layerImages), expected.evaluated);
    return Math.max(before, relative(loss, expected.loss), evaluated, ...after);
  });
}

async function stepDifference(engine: Engine, expected: OptimiserCase): Promise<number> {
  const { steps, after, learningRate } = expected;
  return using(await optimiserModel(engine, expected), async (model) => {
    const losses: number[] = [];
    for (const [at, { loss }] of steps.entries()) {
      losses.push(relative((await optimiserStep(model, at, learningRate)).loss, loss));
    }
    const state = await model.state();
    const values = Object.entries(after).flatMap(([parameter, parts]) =>
      Object.entries(parts).map(([part, value]) =>
        relativeError(state.get(part === 'value' ? parameter : `${parameter}.${part}`)?.data ?? [], value),
      ),
    );
    return Math.max(...losses, ...values);
  });
}

async function using(model: Model, work: (model: Model) => Promise<number>): Promise<number> {
  try {
    return await work(model);
  } finally {
    model.dispose();
  }
}

/** Images a second, after a step that makes what the engine keeps. */
async function speedOf(engine: Engine, batch: number): Promise<number> {
  const steps = lenetSteps(engine, batch);
  await steps.next();
  const start = performance.now();
  let count = 0;
  do {
    await steps.next();
    count++;
  } while (performance.now() - start < enough);
  const seconds = (performance.now() - start) / 1000;
  await steps.return();
  return (count * batch) / seconds;
}
