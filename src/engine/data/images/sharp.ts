import { availableParallelism } from 'node:os';
import type { SharpConstructor } from 'sharp';
import type { Fit } from './image-options.ts';

export const sharpFit = { crop: 'cover', stretch: 'fill' } as const satisfies Record<Fit, string>;

/** Images under work at a time: results are taken in order, so some must wait for a slow one without idle threads. */
export const workers = (): number => 4 * Math.max(2, availableParallelism());

/** The library of images, loaded when it is needed: most starts find images decoded. */
export async function loadSharp(): Promise<SharpConstructor> {
  const { default: sharp } = await import('sharp');
  // Many images at a time, a thread each, and none comes twice: the library's own threads and cache only cost.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}

/**
 * Works on many items at a time and gives the results in the items' order.
 * @param atOnce items that are worked on at the same time
 * @param work begins before the next item is asked for
 * @throws what `work` throws, at that item's turn; nothing is begun after it
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<{ item: Item; result: Result }> {
  const under: { item: Item; promise: Promise<Result> }[] = [];
  for await (const item of items) {
    const promise = work(item);
    // It is waited for at its turn; until then a failure must not count as unhandled.
    promise.catch(() => undefined);
    under.push({ item, promise });
    if (under.length < atOnce) continue;
    const first = under.shift()!;
    yield { item: first.item, result: await first.promise };
  }
  for (const { item, promise } of under) yield { item, result: await promise };
}
