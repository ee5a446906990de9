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
    // It is waited for at its turn; until then a failure must not count as one that nobody looks at.
    promise.catch(() => undefined);
    under.push({ item, promise });
    if (under.length < atOnce) continue;
    const first = under.shift()!;
    yield { item: first.item, result: await first.promise };
  }
  for (const { item, promise } of under) yield { item, result: await promise };
}
