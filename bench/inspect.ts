/** Seconds and memory that looking through CIFAR-10 takes, with what it finds. `npm run bench -- inspect`. */
import { catalogue } from '../src/engine/data/catalogue.ts';
import { inspectImages } from '../src/engine/data/inspection/inspect-images.ts';
import { pathsFor } from '../src/engine/base/paths.ts';
import { timed } from './peer.ts';

const context = {
  paths: pathsFor(),
  env: process.env,
  onProgress: () => undefined,
  onNotice: (notice: string) => console.log(notice),
  signal: new AbortController().signal,
};
const entry = catalogue.find(({ name }) => name === 'cifar10')!;
const [read, parts] = await timed(() => entry.provide(context, { limit: Infinity }));
const before = process.cpuUsage();
const data = { classes: entry.classes, imageShape: entry.imageShape, ...parts };
const [inspect, { findings }] = await timed(() => inspectImages(data, context));
const { user, system } = process.cpuUsage(before);
const processor = (user + system) / 1000;
const resident = process.resourceUsage().maxRSS / 1024;
console.log(
  `read and verify ${read.toFixed(0)} ms; look through 60 000 images ${inspect.toFixed(0)} ms ` +
    `(${processor.toFixed(0)} of the processor); resident at most ${resident.toFixed(0)} MB`,
);
for (const { message } of findings) console.log(message);
console.log(JSON.stringify({ benchmark: 'inspect', read, inspect, processor, resident }));
