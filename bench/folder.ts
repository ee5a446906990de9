/**
 * A folder of image files, 96 to 256 pixels a side, made 64x64: images a second to read it, beside Pillow in one
 * process; seconds to open it again; milliseconds a batch from the disk; and the memory. Processor time is told beside
 * it: it says what a core does, however many there are and whatever else they do. `npm run bench -- folder [IMAGES]`,
 * 5000 by default; the promise is about 100 000.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { epochOrder } from '../src/engine/data/epoch-order.ts';
import { provideFolder } from '../src/engine/data/folder/provide-folder.ts';
import { openDataset } from '../src/engine/data/open-dataset.ts';
import { eachImage } from '../src/engine/data/raw-images.ts';
import { openStore } from '../src/engine/data/store/open-store.ts';
import { pathsFor } from '../src/engine/base/paths.ts';
import { Peer, timed } from './peer.ts';

const count = Number(process.argv[2] ?? 5000);
const imageSize = 64;
const home = await mkdtemp(join(tmpdir(), 'deepview-folder-'));
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
const peer = new Peer('folder.py');
try {
  const folder = join(home, 'images');
  await peer.ask(`make\t${folder}\t${count}`);
  const env = { HOME: home };
  const context = {
    paths: pathsFor(env),
    env,
    onProgress: () => undefined,
    onNotice: (notice: string) => console.log(notice),
    signal: new AbortController().signal,
  };
  const before = process.memoryUsage.rss();
  const used = process.cpuUsage();
  const [first, store] = await timed(() => provideFolder(folder, { imageSize }, context));
  const { user, system } = process.cpuUsage(used);
  const work = (user + system) / 1000 / count;
  const grown = process.resourceUsage().maxRSS * 1024 - before;
  const pillow = (await peer.ask(`read\t${folder}\t${imageSize}`)) as { pillow: string; seconds: number; cpu: number };
  const rate = count / (first / 1000);
  const pillowRate = count / pillow.seconds;
  const pillowWork = (1000 * pillow.cpu) / count;
  console.log(
    `read ${count} images: ${rate.toFixed(0)} a second on ${availableParallelism()} cores (${(first / 1000).toFixed(1)} s), ` +
      `Pillow ${pillow.pillow} ${pillowRate.toFixed(0)} on one, ratio ${(rate / pillowRate).toFixed(2)}; memory grew by ${megabytes(grown)}`,
  );
  console.log(
    `processor time an image: ${work.toFixed(3)} ms, Pillow ${pillowWork.toFixed(3)} ms: ` +
      `a core reads ${(pillowWork / work).toFixed(2)} times as many`,
  );

  const [again] = await timed(() => openDataset({ name: folder, imageSize, preparation: 'scale' }, context));
  console.log(`open them again, ready to train: ${(again / 1000).toFixed(2)} s`);

  const opened = await openStore(store.directory, { inMemory: 0 });
  if (opened.state !== 'ready') throw new Error('the store is not ready');
  const images = opened.store.images.all!;
  const order = epochOrder(count, 1, 1);
  const batch = new Uint8Array(100 * images.imageSize);
  const batches = Math.floor(count / 100);
  const [epoch] = await timed(() => {
    for (let at = 0; at < batches; at++) {
      eachImage(images, order.subarray(at * 100, (at + 1) * 100), (pixels, place) =>
        batch.set(pixels, place * images.imageSize),
      );
    }
  });
  console.log(`a batch of 100 from the disk: ${(epoch / batches).toFixed(2)} ms`);
  console.log(
    JSON.stringify({
      benchmark: 'folder',
      count,
      rate,
      pillowRate,
      work,
      pillowWork,
      grown,
      again,
      batch: epoch / batches,
    }),
  );
} finally {
  peer.close();
  await rm(home, { recursive: true, force: true });
}
