/**
 * Neuron distances, clustering, projections and facets beside numpy, scipy and scikit-learn on one thread.
 * `npm run bench -- analysis [PART OF A TITLE] [ROUNDS]`
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classicalScaling } from '../src/engine/analysis/classical-scaling.ts';
import { kMeans } from '../src/engine/analysis/k-means.ts';
import { agglomerate } from '../src/engine/analysis/linkage.ts';
import { neuronDistances, squaredDistances } from '../src/engine/analysis/neuron-distances.ts';
import { minimiseStress } from '../src/engine/analysis/smacof.ts';
import { Tsne } from '../src/engine/analysis/t-sne.ts';
import { Random } from '../src/engine/base/random.ts';
import { median, Peer, timed } from './peer.ts';

interface Answer {
  milliseconds: number;
  result: number | null;
}

const [wanted = '', asked] = process.argv.slice(2);
const peer = new Peer('analysis.py');
const folder = await mkdtemp(join(tmpdir(), 'deepview-bench-'));

/** Seeded points around ten centres: what is clustered here has structure, as neurons and patches have. */
async function points(name: string, count: number, width: number): Promise<[Float32Array, string]> {
  const random = new Random(1, name);
  const centres = Float32Array.from({ length: 10 * width }, () => random.uniform());
  const values = Float32Array.from(
    { length: count * width },
    (_, at) => centres[(Math.floor(at / width) % 10) * width + (at % width)] + 0.5 * random.uniform(),
  );
  const path = join(folder, name);
  await writeFile(path, values);
  return [values, path];
}

async function compare(
  title: string,
  goal: number,
  ours: () => number | Promise<number>,
  theirs: string,
  usualRounds = 5,
): Promise<void> {
  if (!title.includes(wanted)) return;
  const rounds = asked ? Number(asked) : usualRounds;
  const spent: number[] = [];
  const peers: number[] = [];
  let results: [number, number | null] = [0, null];
  for (let round = 0; round <= rounds; round++) {
    const [milliseconds, result] = await timed(ours);
    const answer = (await peer.ask(theirs)) as Answer;
    results = [result, answer.result];
    if (round > 0 || rounds === 0) {
      spent.push(milliseconds);
      peers.push(answer.milliseconds);
    }
  }
  const ratio = median(spent) / median(peers);
  const same = results[1] === null ? '' : `  result ${results[0].toPrecision(6)} / ${results[1].toPrecision(6)}`;
  console.log(
    `${title.padEnd(44)} ${median(spent).toFixed(1).padStart(8)} ms  peer ${median(peers).toFixed(1).padStart(8)} ms  ` +
      `ratio ${ratio.toFixed(2)} (goal ${goal})${same}`,
  );
}

try {
  for (const neurons of [256, 1024]) {
    const [values, path] = await points(`samples-${neurons}`, 640, neurons);
    const labels = Int32Array.from({ length: 640 }, (_, image) => Math.floor(image / 64));
    const samples = { values, images: 640, neurons };
    const ours = async (): Promise<number> => (await neuronDistances(samples, labels)).values[1];
    await compare(`distances, ${neurons} neurons, numpy Gram`, 0.6, ours, `gram ${path} 640 ${neurons} 10`);
    await compare(`distances, ${neurons} neurons, pdist`, 0.4, ours, `pdist ${path} 640 ${neurons} 10`);
  }
  for (const count of [256, 512, 1024, 2048]) {
    const [values, path] = await points(`points-${count}`, count, 16);
    const squared = await squaredDistances(values, count, 16);
    const distances = { count, values: squared.values.map(Math.sqrt) };
    const ours = async (): Promise<number> => {
      let sum = 0;
      (await agglomerate(distances, 'average')).traverse((cluster) => (sum += cluster.height));
      return sum;
    };
    await compare(`average linkage, ${count}, scipy`, 2, ours, `linkage ${path} ${count} 16`);
    await compare(`average linkage, ${count}, scikit-learn`, 1, ours, `agglomerative ${path} ${count} 16`);
    if (count > 1024) continue;
    await compare(
      `SMACOF from the classical start, ${count}`,
      0.35,
      () => minimiseStress(distances, classicalScaling(squared.values, count)),
      `mds ${path} ${count} 16`,
      2,
    );
  }
  for (const width of [75, 1024, 3072]) {
    const [values, path] = await points(`patches-${width}`, 1000, width);
    await compare(
      `k-means, 10 starts, 1000 x ${width}`,
      2,
      async () => (await kMeans(values, 1000, width, { k: 10, seed: 0 })).inertia,
      `kmeans ${path} 1000 ${width}`,
      2,
    );
    await compare(
      `t-SNE, 1000 steps, 1000 x ${width}`,
      0.45,
      async () => {
        const map = await Tsne.of(await squaredDistances(values, 1000, width), { seed: 0 });
        map.advance(1000);
        return map.divergence();
      },
      `tsne ${path} 1000 ${width}`,
      1,
    );
  }
} finally {
  peer.close();
  await rm(folder, { recursive: true, force: true });
}
