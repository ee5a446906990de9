import { describe, expect, it } from 'vitest';
import { readProbe, type ProbedNetwork } from '../../../src/engine/probe/read-probe.ts';
import { numberedSet } from '../training/fakes.ts';

/** Two layers of one and two neurons: the image's first pixel; its sum with the second, and its double. */
const network = (): ProbedNetwork & { batches: number[] } => {
  const batches: number[] = [];
  return {
    batches,
    layers: [{ units: 1 }, { units: 2 }],
    samples: async (images) => {
      const count = images.length / 2;
      batches.push(count);
      const first = Float32Array.from({ length: count }, (_, image) => images[2 * image]);
      const second = Float32Array.from({ length: 2 * count }, (_, at) => {
        const image = at >> 1;
        return at % 2 === 0 ? images[2 * image] + images[2 * image + 1] : 2 * images[2 * image];
      });
      return Promise.resolve([first, second]);
    },
  };
};

describe('reading the probe', () => {
  it('answers for every image in the order of the probe, in pieces', async () => {
    const probed = network();
    const indices = Uint32Array.from({ length: 601 }, (_, at) => (at * 7) % 1000);
    let turns = 0;
    const turn = async (): Promise<void> => {
      turns++;
      return Promise.resolve();
    };
    const [first, second] = await readProbe(probed, numberedSet(1000, 2), indices, 2, turn);
    expect(Array.from(first)).toEqual(Array.from(indices));
    expect(Array.from(second)).toEqual(Array.from(indices).flatMap((image) => [0, 2 * image]));
    expect(probed.batches.reduce((sum, count) => sum + count)).toBe(601);
    expect(Math.max(...probed.batches)).toBeLessThanOrEqual(250);
    expect(turns).toBe(probed.batches.length);
  });

  it('ends when it is told to', async () => {
    const stop = new Error('stop');
    const turn = (): Promise<void> => Promise.reject(stop);
    await expect(readProbe(network(), numberedSet(10, 2), [1, 2], 2, turn)).rejects.toBe(stop);
  });
});
