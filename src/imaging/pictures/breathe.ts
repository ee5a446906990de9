/**
 * Makes long work let others through: the function it returns is to be awaited often, and takes a break (one turn of
 * the event loop) when more than `budget` ms have passed since the last.
 */
export function breather(budget = 8): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < budget) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        since = performance.now();
        resolve();
      });
    });
  };
}
