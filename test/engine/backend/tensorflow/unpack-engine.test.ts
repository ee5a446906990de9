import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { unpackEngine } from '../../../../src/engine/backend/tensorflow/unpack-engine.ts';
import { recording, temporaryDirectory } from '../../transfer/support.ts';
import { buildSmallTensorflow, type SmallTensorflow } from './small-tensorflow.ts';
import { zip } from './zip-writer.ts';

let built: string;
let small: SmallTensorflow;

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'deepview-small-'));
  small = await buildSmallTensorflow(built);
});
afterAll(() => rm(built, { recursive: true, force: true }));

async function unpack(wheel: Uint8Array, directory: string): Promise<Map<string, number>> {
  const path = join(directory, 'some.whl');
  await writeFile(path, wheel);
  const { context } = recording();
  return unpackEngine(path, join(directory, 'engine'), { context, arch: process.arch, maximumBytes: 2e6, part: false });
}

it('takes libraries and the headers that are needed', async () => {
  const directory = await temporaryDirectory();
  const files = await unpack(small.wheel, directory);
  expect([...files.keys()].sort()).toEqual(['deps/lib/libtensorflow_cc.so.2', 'deps/lib/libtensorflow_framework.so.2']);
  expect(await readdir(join(directory, 'engine/include/tensorflow'))).toEqual(['c']);
});

const hostile: [what: string, says: string, wheel: () => Buffer][] = [
  ['is cut short', 'is not a usable wheel', () => small.wheel.subarray(0, small.wheel.length >> 1)],
  ['is no zip', 'is not a usable wheel', () => Buffer.from('<html>Please log in</html>'.repeat(50))],
  ['is empty', 'is not a usable wheel', () => Buffer.alloc(0)],
  [
    'has no libraries',
    'it has no libtensorflow_cc.so.2',
    () => zip(small.entries.filter(({ name }) => !name.includes('_cc'))),
  ],
  ['has no headers', 'it has no header', () => zip(small.entries.slice(0, 3))],
  [
    'climbs out',
    'invalid relative path',
    () => zip([...small.entries, { name: '../../escaped', content: Buffer.from('x') }]),
  ],
  [
    'climbs out of a wanted directory',
    'is not a usable wheel',
    () =>
      zip([
        ...small.entries,
        { name: 'tensorflow/include/tensorflow/c/../../../../../x.h', content: Buffer.from('x') },
      ]),
  ],
  [
    'holds a link where a library should be',
    'is a link',
    () => zip([{ name: 'tensorflow/libtensorflow_cc.so.2', content: Buffer.from('/etc/passwd'), mode: 0o120777 }]),
  ],
  [
    'would unpack to too much',
    'would unpack to more than',
    () =>
      zip(small.entries.map((each) => (each.name.includes('_cc') ? { ...each, content: Buffer.alloc(5e6) } : each))),
  ],
  [
    'grows beyond what it announced',
    'is not a usable wheel',
    () => zip(small.entries.map((each) => (each.name.includes('_cc') ? { ...each, announcedBytes: 100 } : each))),
  ],
  [
    'has a wrong checksum inside',
    'is not a usable wheel',
    () => zip(small.entries.map((each) => (each.name.includes('_cc') ? { ...each, announcedCrc: 1 } : each))),
  ],
  [
    'holds text for a library',
    'not a Linux library',
    () =>
      zip(
        small.entries.map((each) =>
          each.name.includes('_cc') ? { ...each, content: Buffer.from('text'.repeat(9)) } : each,
        ),
      ),
  ],
  [
    'is made for another processor',
    'processors',
    () =>
      zip(
        small.entries.map((each) => {
          if (!each.name.includes('_cc')) return each;
          const content = Buffer.from(each.content);
          content.writeUInt16LE(8, 18);
          return { ...each, content };
        }),
      ),
  ],
  ['has an entry twice', 'unpack into', () => zip([...small.entries, small.entries[1]])],
];
it.each(hostile)('refuses a wheel that %s', async (_what, says, wheel) => {
  const directory = await temporaryDirectory();
  const error: unknown = await unpack(wheel(), directory).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'DeepviewError', message: expect.stringContaining(says) });
  const names = await readdir(directory, { recursive: true });
  expect(names.filter((name) => /escaped|x\.h/.test(name))).toEqual([]);
});
