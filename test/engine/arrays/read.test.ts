import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import {
  encodeSafetensors,
  openArrays,
  openSafetensors,
  readArray,
  spatialMeans,
  type NumericArray,
} from '../../../src/engine/arrays/index.ts';
import { DeepviewError } from '../../../src/engine/base/errors.ts';
import expected from './fixtures/expected.json' with { type: 'json' };

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'deepview-arrays-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function readAll(path: string): Promise<Map<string, NumericArray>> {
  const file = await openArrays(path);
  try {
    const arrays = new Map<string, NumericArray>();
    for (const array of file.arrays) arrays.set(array.name, await readArray(array));
    return arrays;
  } finally {
    await file.close();
  }
}

/** A file of a safetensors header, whatever it says, and so many bytes of data. */
async function safetensors(header: string, dataBytes: number, length = header.length): Promise<string> {
  const path = join(await temporary(), 'x.safetensors');
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length));
  await writeFile(path, Buffer.concat([size, Buffer.from(header), Buffer.alloc(dataBytes)]));
  return path;
}

const npyFixtures = Object.entries(expected).filter((entry): entry is [string, { shape: number[]; values: number[] }] =>
  entry[0].endsWith('.npy'),
);

test.each(npyFixtures)('%s is read as numpy wrote it', async (name, { shape, values }) => {
  const array = (await readAll(fixture(name))).get('');
  expect(array?.shape).toEqual(shape);
  const actual = Array.from(array?.data ?? [], Number);
  const tolerance = name.startsWith('f8') || !name.startsWith('f') ? 0 : 1e-7;
  actual.forEach((value, at) => expect(Math.abs(value - values[at])).toBeLessThanOrEqual(tolerance));
});

test.each(['stored.npz', 'deflated.npz', 'activations.safetensors'])('the arrays of %s', async (name) => {
  const file = await openArrays(fixture(name));
  const activations = file.arrays.find((array) => array.name === 'activations');
  const means = await spatialMeans(activations as NonNullable<typeof activations>);
  await file.close();
  expect([means.images, means.neurons]).toEqual([12, 4]);
  const half = name.endsWith('safetensors');
  expected['spatial means'].forEach((mean, at) =>
    expect(Math.abs(means.values[at] - mean)).toBeLessThan(half ? 1e-3 : 1e-12),
  );
  const labels = (await readAll(fixture(name))).get('labels');
  expect(Array.from(labels?.data ?? [], Number)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
});

test('Fortran order gives the same means', async () => {
  const file = await openArrays(fixture('activations-fortran.npy'));
  const { values } = await spatialMeans(file.arrays[0]);
  await file.close();
  expected['spatial means'].forEach((mean, at) => expect(values[at]).toBeCloseTo(mean, 12));
});

test('safetensors come back as they were written', async () => {
  const path = join(await temporary(), 'a.safetensors');
  const tensors = new Map([
    ['bytes', { type: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 255) }],
    ['halves', { type: 'float16', shape: [1, 2], data: Float32Array.of(0.5, -2) }],
    ['doubles', { type: 'float64', shape: [2], data: Float64Array.of(Math.PI, -0) }],
    ['long', { type: 'int64', shape: [1], data: BigInt64Array.of(-5n) }],
    ['none', { type: 'float32', shape: [0, 4], data: new Float32Array(0) }],
  ] as const);
  await writeFile(path, Buffer.concat(encodeSafetensors(tensors, { who: 'a test' })));
  const file = await openSafetensors(path);
  expect(file.metadata.get('who')).toBe('a test');
  for (const [name, tensor] of tensors)
    expect([name, await file.read(name)]).toEqual([name, { ...tensor, shape: [...tensor.shape] }]);
  await expect(file.read('other')).rejects.toThrow('there is no tensor "other"');
  await file.close();
});

test.each([
  [
    '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}',
    12,
    'tensors "a" and "b" overlap',
  ],
  ['{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 4, 'tensor "a": it ends at byte 8 of only 4'],
  ['{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 12, 'its last 4 bytes belong to no tensor'],
  ['{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4, 'it has 4 bytes where shape [2] of float32 needs 8'],
  ['{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8, '4 bytes before tensor "a" belong to none'],
  ['{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}', 8, 'its offsets 8..4 are impossible'],
  ['{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', 4, 'impossible axis -1'],
  ['{"a":{"dtype":"F32","shape":[9e9,9e9],"data_offsets":[0,4]}}', 4, 'is larger than the 8 GiB that are read'],
  ['{"a\\u001b":{"dtype":"Q8","shape":[1],"data_offsets":[0,4]}}', 4, 'tensor "a\ufffd": its type "Q8" is not read'],
  [
    '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
    1,
    'tensor "a" is there twice',
  ],
  ['{"a":', 0, 'its header is not JSON'],
  ['[]', 0, 'its header is not a JSON object'],
])('the safetensors header %s is refused', async (header, bytes, message) => {
  const opening = openSafetensors(await safetensors(header, bytes));
  await expect(opening).rejects.toMatchObject({ exitCode: 4 });
  await expect(opening).rejects.toThrow(message);
});

test('a header longer than the file, or than any header is, is refused unread', async () => {
  await expect(openSafetensors(await safetensors('{}', 0, 500))).rejects.toThrow(
    'its header of 500 bytes is cut short',
  );
  await expect(openSafetensors(await safetensors('{}', 0, 2 ** 40))).rejects.toThrow(
    'its header would have 1099511627776 bytes',
  );
});

test('pickles are never read', async () => {
  await expect(openArrays(fixture('objects.npy'))).rejects.toThrow('it holds Python objects (a pickle)');
  const path = join(await temporary(), 'a.npy');
  await writeFile(path, Buffer.from('8004951a00000000000000', 'hex'));
  await expect(openArrays(path)).rejects.toThrow('it is a Python pickle');
});

test('an .npy that says it is huge is refused before memory is taken', async () => {
  const bytes = await readFile(fixture('f4-little.npy'));
  const path = join(await temporary(), 'a.npy');
  await writeFile(path, Buffer.from(bytes.toString('latin1').replace('(2, 3, 4)', '(9999999)'), 'latin1'));
  await expect(openArrays(path)).rejects.toThrow(/it has 224 bytes where its shape \[9999999\] of float32 needs/);
  await writeFile(path, Buffer.from(bytes.toString('latin1').replace('(2, 3, 4), ', '(999999999999,)'), 'latin1'));
  await expect(openArrays(path)).rejects.toThrow('larger than the 8 GiB');
});

test('an .npz entry that claims more than deflate can hold is refused', async () => {
  const bytes = await readFile(fixture('deflated.npz'));
  // The uncompressed size of the central directory's first entry.
  const entry = bytes.indexOf('PK\u0001\u0002', 0, 'latin1');
  bytes.writeUInt32LE(0x7fffffff, entry + 24);
  const path = join(await temporary(), 'a.npz');
  await writeFile(path, bytes);
  await expect(openArrays(path)).rejects.toThrow(/claims 2147483647 bytes in \d+, which is impossible/);
});

test('a file that is not there, is a directory, or is nothing at all', async () => {
  const directory = await temporary();
  await expect(openArrays(join(directory, 'none.npz'))).rejects.toMatchObject({ code: 'not-found', exitCode: 4 });
  await expect(openArrays(directory)).rejects.toMatchObject({ code: 'is-a-directory', exitCode: 4 });
  for (const name of ['a.npy', 'a.npz', 'a.safetensors']) {
    await writeFile(join(directory, name), '');
    await expect(openArrays(join(directory, name))).rejects.toMatchObject({ exitCode: 4 });
  }
});

test('whatever bytes of a file are flipped or cut, it is read or refused by name', async () => {
  const directory = await temporary();
  const names = ['f4-little.npy', 'stored.npz', 'deflated.npz', 'activations.safetensors'];
  const place = fc.double({ min: 0, max: 0.9999, noNaN: true });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.boolean(),
      fc.array(fc.tuple(place, fc.nat(7)), { minLength: 1, maxLength: 3 }),
      async (name, cut, flips) => {
        const path = join(directory, name);
        await copyFile(fixture(name), path);
        const bytes = await readFile(path);
        for (const [at, bit] of flips) bytes[Math.floor(at * bytes.length)] ^= 1 << bit;
        await writeFile(path, cut ? bytes.subarray(0, Math.floor(flips[0][0] * bytes.length)) : bytes);
        try {
          for (const array of (await readAll(path)).values()) {
            expect(array.data).toHaveLength(array.shape.reduce((product, axis) => product * axis, 1));
          }
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(DeepviewError);
          expect((thrown as DeepviewError).exitCode).toBe(4);
        }
      },
    ),
    { numRuns: 150 },
  );
});
