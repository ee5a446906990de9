/**
 * Rows for labels that want to stand at given heights: one row each, in the order of what they want, inside 0..rows-1,
 * and with the smallest sum of squared distances to it (isotonic regression by pooling adjacent violators; Barlow and
 * others, 1972).
 * @param wanted a row a label, finite, fractions count; the first are the most important
 * @returns a row a label; nothing for those that found no room, the least important
 */
export function spreadLabels(wanted: readonly number[], rows: number): (number | undefined)[] {
  const order = wanted
    .map((row, label) => ({ row, label }))
    .slice(0, Math.max(0, rows))
    .sort((one, other) => one.row - other.row || one.label - other.label);
  // With a row taken off for each label before it, "one row apart" becomes "not descending".
  const pools: { mean: number; count: number }[] = [];
  order.forEach(({ row }, place) => {
    let pool = { mean: row - place, count: 1 };
    for (let before = pools.at(-1); before && before.mean > pool.mean; before = pools.at(-1)) {
      const count = before.count + pool.count;
      pool = { mean: (before.mean * before.count + pool.mean * pool.count) / count, count };
      pools.pop();
    }
    pools.push(pool);
  });
  const result = new Array<number | undefined>(wanted.length).fill(undefined);
  const last = rows - order.length;
  let place = 0;
  for (const { mean, count } of pools) {
    const row = Math.max(0, Math.min(last, Math.round(mean)));
    for (let index = 0; index < count; index++, place++) {
      const entry = order[place];
      if (entry) result[entry.label] = row + place;
    }
  }
  return result;
}
