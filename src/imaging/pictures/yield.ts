/** Lets everything else have its turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Makes long work let others through: the function it returns is to be awaited often, and takes a break (one turn of
 * the event loop) when more than `budget` ms have passed since the last.
 */
export function yielding(budget = 8): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < budget) return undefined;
    return nextTurn().then(() => {
      since = performance.now();
    });
  };
}
