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
    const known = kept.find((one) => one.dependencies.every((value, index) => Object.is(value, dependencies[index])));
    const entry = known ?? { dependencies, result: make(...dependencies) };
    kept = [entry, ...kept.filter((one) => one !== entry)].slice(0, most);
    return entry.result;
  };
}
