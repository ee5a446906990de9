/** Whether two values are the same, or objects made anew of the same parts. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isPlain(one) || !isPlain(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => Object.is(one[name], other[name]));
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/**
 * A function that remembers its last few results by what they depend on, compared one by one. Views are drawn anew with
 * every key; what a key does not change need not be.
 */
export function memoize<Dependencies extends readonly unknown[], Result>(
  make: (...dependencies: Dependencies) => Result,
  most = 2,
): (...dependencies: Dependencies) => Result {
  let kept: { dependencies: Dependencies; result: Result }[] = [];
  return (...dependencies) => {
    const known = kept.find((one) => one.dependencies.every((value, index) => isSame(value, dependencies[index])));
    const entry = known ?? { dependencies, result: make(...dependencies) };
    kept = [entry, ...kept.filter((one) => one !== entry)].slice(0, most);
    return entry.result;
  };
}
