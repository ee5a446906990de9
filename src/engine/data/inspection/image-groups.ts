/** Numbers that belong together, joined pair by pair (union-find with halved paths). */
export class Groups {
  readonly #leaders: Uint32Array;

  constructor(count: number) {
    this.#leaders = Uint32Array.from({ length: count }, (_, index) => index);
  }

  join(one: number, other: number): void {
    const [a, b] = [this.#leaderOf(one), this.#leaderOf(other)];
    // The smaller number leads, so that groups come in their order.
    if (a < b) this.#leaders[b] = a;
    else this.#leaders[a] = b;
  }

  /** The groups of two and more, each ascending, by their first members. */
  list(): number[][] {
    const members = new Map<number, number[]>();
    for (let index = 0; index < this.#leaders.length; index++) {
      const leader = this.#leaderOf(index);
      if (leader === index && !members.has(leader)) continue;
      const group = members.get(leader);
      if (group) group.push(index);
      else members.set(leader, [leader, index]);
    }
    return [...members.values()].sort((a, b) => a[0] - b[0]);
  }

  #leaderOf(index: number): number {
    const leaders = this.#leaders;
    let at = index;
    while (leaders[at] !== at) {
      leaders[at] = leaders[leaders[at]];
      at = leaders[at];
    }
    return at;
  }
}
