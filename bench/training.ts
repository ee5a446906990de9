/**
 * Milliseconds of a training step and of a forward pass, beside PyTorch on the same machine, taking turns so that
 * whatever else runs disturbs both alike. `npm run bench -- training [NETWORK] [ENGINE] [BATCH]`
 */
import { openEngine } from '../src/engine/backend/open-engine.ts';
import { findPreset } from '../src/engine/network/presets/index.ts';
import { pathsFor } from '../src/engine/base/paths.ts';
import { Random } from '../src/engine/base/random.ts';
import { buildModel } from '../src/engine/training/model.ts';
import { median, Peer } from './peer.ts';

const [network = 'lenet', only = '', size = '100'] = process.argv.slice(2);
const batch = Number(size);
const rounds = 8;
const perRound = 5;

const peer = new Peer('training.py', [network, size]);
const { version } = (await peer.answer()) as { version: string };

for (const name of ['tensorflow', 'wasm'] as const) {
  if (only && only !== name) continue;
  const engine = await openEngine(name, {
    paths: pathsFor(process.env),
    env: process.env,
    onProgress: () => undefined,
    onNotice: (notice) => console.error(notice),
    signal: new AbortController().signal,
  });
  const model = buildModel(engine, findPreset(network), 1);
  const random = new Random(1, 'benchmark');
  const images = Float32Array.from({ length: batch * 3072 }, () => 50 * random.normal());
  const labels = Int32Array.from({ length: batch }, (_, image) => image % 10);
  const run = {
    train: () => model.train(images, labels, { learningRate: 0.001, epoch: 1, batch: 1 }),
    forward: () => model.evaluate(images, labels),
  };
  for (const what of ['train', 'forward'] as const) {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const spent: number[] = [];
      for (let i = 0; i < perRound; i++) {
        const start = performance.now();
        await run[what]();
        spent.push(performance.now() - start);
      }
      const peers = (await peer.ask(`${what} ${perRound}`)) as number[];
      // The first round warms both up.
      if (round > 0) {
        ours.push(...spent);
        theirs.push(...peers);
      }
    }
    const [own, other] = [median(ours), median(theirs)];
    console.log(
      `${network} ${what} ${engine.name}: ${own.toFixed(1)} ms, PyTorch ${version} ${other.toFixed(1)} ms, ratio ${(own / other).toFixed(2)} (fastest ${Math.min(...ours).toFixed(1)} and ${Math.min(...theirs).toFixed(1)})`,
    );
    console.log(
      JSON.stringify({
        benchmark: 'training',
        network,
        what,
        batch,
        engine: engine.name,
        version: engine.version,
        milliseconds: own,
        peer: `torch ${version}`,
        peerMilliseconds: other,
        ratio: own / other,
      }),
    );
  }
  model.dispose();
}
peer.close();
