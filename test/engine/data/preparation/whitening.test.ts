import { appendFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decomposeApart } from '../../../../src/engine/backend/matrices/decompose-apart.ts';
import { matricesOf } from '../../../../src/engine/backend/matrices/index.ts';
import type { ImageSet } from '../../../../src/engine/data/dataset.ts';
import { prepareImages, type PreparationOptions } from '../../../../src/engine/data/preparation/index.ts';
import { firstImages, MemoryImages } from '../../../../src/engine/data/raw-images.ts';
import type { Matrices } from '../../../../src/engine/base/matrices.ts';
import type { Progress } from '../../../../src/engine/base/progress.ts';
import { pathsFor } from '../../../../src/engine/base/paths.ts';
import { fileSteps, joined } from '../../../support/file-steps.ts';
import { onEachEngine, quickEngine, useEngine } from '../../../support/engines.ts';
import { recording, temporaryDirectory } from '../../transfer/support.ts';

interface Fixture {
  checksum: number;
  leading: number;
  whitened: number[];
}

const fixture = JSON.parse(readFileSync(new URL('./fixtures/whitening.json', import.meta.url), 'utf8')) as Fixture;
const [height, width, channels, images] = [6, 5, 3, 700];
const size = height * width * channels;

/** The same bytes as `drawn` of make-whitening.py. */
function drawnImages(): MemoryImages {
  let state = 1;
  const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const pixels = new Uint8Array(images * size);
  for (let at = 0; at < pixels.length;) {
    const wave = Array.from({ length: 6 }, random);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++) {
          const noise = random();
          let value =
            128 + 60 * wave[0] * Math.sin(0.9 * y + 6 * wave[1]) + 60 * wave[2] * Math.sin(0.7 * x + 6 * wave[3]);
          value += 30 * (wave[4] - 0.5) * c + 25 * (noise - 0.5);
          pixels[at++] = Math.min(255, Math.max(0, Math.floor(value)));
        }
      }
    }
  }
  return new MemoryImages(pixels, new Uint16Array(images), size);
}

const train = drawnImages();
const parts = { train, validation: firstImages(train, 10) };

const filled = (set: ImageSet, indices: number[]): Float32Array => {
  const target = new Float32Array(indices.length * size);
  set.fill(indices, target);
  return target;
};

const unused: Matrices = {
  largest: 4096,
  threads: 1,
  gram: () => {
    throw new Error('nothing was to be computed');
  },
  multiply: () => {
    throw new Error('nothing was to be computed');
  },
  secondsFor: () => 1,
  leadingEigenvectors: () => {
    throw new Error('nothing was to be computed');
  },
};

async function surroundings(): Promise<
  Omit<PreparationOptions, 'matrices' | 'suggested'> & { directory: string; notices: string[] }
> {
  const directory = await temporaryDirectory();
  const { context, notices } = recording();
  return { channels, context, notices, directory, paths: pathsFor({ XDG_CACHE_HOME: directory, HOME: directory }) };
}

const close = (found: Float32Array, expected: readonly number[]): void => {
  const largest = Math.max(...expected.map(Math.abs));
  found.forEach((value, i) => expect(Math.abs(value - expected[i]) / largest).toBeLessThan(1e-4));
};

const ten = [...Array(10).keys()];

onEachEngine(describe, 'whitening on %s', (name) => {
  const algebra = async (): Promise<Matrices> => matricesOf(await useEngine(name));

  it('is what numpy finds by decomposing the whole covariance', async () => {
    expect(train.pixels.reduce((sum, value) => sum + value, 0)).toBe(fixture.checksum);
    expect(fixture.leading).toBeGreaterThan(3);
    expect(fixture.leading).toBeLessThan(size);
    const options = { ...(await surroundings()), suggested: 'whitening', matrices: algebra } as const;
    const steps = await fileSteps(options.directory);
    const prepared = await prepareImages(parts, options);
    expect(prepared.preparation).toBe('whitening');
    // Flushed before their names, and these before the folder's.
    const folder = 'deepview-tui/whitened';
    expect(joined(steps).map((step) => step.replaceAll(/[0-9a-f]{24}/g, 'x'))).toEqual([
      ...['train.f32', 'validation.f32', '.manifest.json.tmp'].flatMap((file) =>
        ['write', 'flush'].map((what) => `${what} ${folder}/.x.tmp/${file}`),
      ),
      `rename ${folder}/.x.tmp/.manifest.json.tmp ${folder}/.x.tmp/manifest.json`,
      `flush ${folder}/.x.tmp`,
      `rename ${folder}/.x.tmp ${folder}/x`,
      `flush ${folder}`,
    ]);
    close(filled(prepared.train, ten), fixture.whitened);
    close(filled(prepared.validation, ten), fixture.whitened);
    // In the order asked for, repeats included.
    const one = (image: number): number[] => [...filled(prepared.train, [image])];
    expect([...filled(prepared.train, [5, 6, 2, 5])]).toEqual([...one(5), ...one(6), ...one(2), ...one(5)]);
    expect(prepared.train.pixels(3)).toEqual(train.view(3, 4));
    expect(() => filled(prepared.train, [images])).toThrow('no image 700');
    expect(() => filled(prepared.train, [images - 1, images])).toThrow('no image 700');
  });

  it('finds the leading eigenvectors of a matrix, and none where none is above the bound', async () => {
    const matrices = await algebra();
    // Eigenvalues 3 and 1, and 2.
    const symmetric = Float32Array.from([2, 1, 0, 1, 2, 0, 0, 0, 2]);
    const { signal } = new AbortController();
    const { values, vectors } = await matrices.leadingEigenvectors(symmetric, 3, 1.5, signal);
    expect([...values].sort().map((value) => value.toFixed(4))).toEqual(['2.0000', '3.0000']);
    const first = values.indexOf(Math.max(...values)) * 3;
    expect(Math.abs(vectors[first])).toBeCloseTo(Math.SQRT1_2, 4);
    expect(vectors[first]).toBeCloseTo(vectors[first + 1], 4);
    expect((await matrices.leadingEigenvectors(symmetric, 3, 4, signal)).values).toHaveLength(0);
  });
});

onEachEngine(describe, 'a decomposition in a process of its own, on %s', (engine) => {
  // What whitening needs of a matrix of 40 rows: eigenvalues 1 to 40, turned by a reflection.
  const rows = 40;
  const axis = Float32Array.from({ length: rows }, (_, i) => Math.sin(i + 1));
  const norm = axis.reduce((sum, value) => sum + value * value, 0);
  const turned = (i: number, k: number): number => (i === k ? 1 : 0) - (2 * axis[i] * axis[k]) / norm;
  const symmetric = Float32Array.from({ length: rows * rows }, (_, at) => {
    const [i, j] = [Math.floor(at / rows), at % rows];
    let sum = 0;
    for (let k = 0; k < rows; k++) sum += turned(i, k) * (k + 1) * turned(j, k);
    return sum;
  });

  it('finds what it finds in this one', async () => {
    const request = { engine, symmetric, size: rows, least: 30.5 };
    const { signal } = new AbortController();
    const { values, vectors } = await decomposeApart(request, { env: process.env, signal });
    expect([...values].sort((a, b) => a - b).map(Math.round)).toEqual([31, 32, 33, 34, 35, 36, 37, 38, 39, 40]);
    values.forEach((value, n) => {
      const along = Array.from({ length: rows }, (_, i) => turned(i, Math.round(value) - 1) * vectors[n * rows + i]);
      expect(Math.abs(along.reduce((sum, part) => sum + part, 0))).toBeCloseTo(1, 4);
    });
  });

  it('ends when it is cancelled, whatever its library is at', async () => {
    const size = 1024;
    const large = Float32Array.from({ length: size * size }, (_, at) => Math.cos((at % size) * Math.floor(at / size)));
    const abort = new AbortController();
    const answer = decomposeApart(
      { engine, symmetric: large, size, least: 0 },
      { env: process.env, signal: abort.signal },
    );
    abort.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    await expect(
      decomposeApart({ engine, symmetric, size: rows, least: 0 }, { env: process.env, signal: abort.signal }),
    ).rejects.toThrow('enough');
  });
});

describe('whitened images', () => {
  const algebra = async (): Promise<Matrices> => matricesOf(await useEngine(quickEngine));

  it('are computed once, and made again when the files are damaged', async () => {
    const around = await surroundings();
    const prepare = (matrices: () => Promise<Matrices>): ReturnType<typeof prepareImages> =>
      prepareImages(parts, { ...around, suggested: 'whitening', matrices });
    await prepare(algebra);
    const idle = { ...unused, threads: (await algebra()).threads };
    const again = await prepare(() => Promise.resolve(idle));
    close(filled(again.train, ten), fixture.whitened);
    const folder = join(around.paths.cache, 'whitened');
    const [name] = (await readdir(folder)).filter((each) => !each.startsWith('.'));
    const file = join(folder, name, 'train.f32');
    const harm: ((path: string) => Promise<void>)[] = [
      (path) => truncate(path, 1000),
      (path) => appendFile(path, 'more'),
      (path) => writeFile(path, new Uint8Array(images * size * 4)),
    ];
    for (const damage of harm) {
      await damage(file);
      await expect(prepare(() => Promise.resolve(idle))).rejects.toThrow('nothing was to be computed');
      close(filled((await prepare(algebra)).train, ten), fixture.whitened);
      expect(around.notices.at(-1)).toContain('damaged');
    }
    for (const manifest of ['{"crc32', '{}', 'null', '[1]', '{"crc32":7}']) {
      await writeFile(join(folder, name, 'manifest.json'), manifest);
      close(filled((await prepare(algebra)).train, ten), fixture.whitened);
    }
    expect((await readdir(folder)).sort()).toEqual(['.uses', name]);
  });

  it('are others for other images, and of another number of threads', async () => {
    const around = await surroundings();
    const options = { ...around, suggested: 'whitening', matrices: algebra } as const;
    await prepareImages(parts, options);
    await prepareImages({ train: firstImages(train, 600), validation: parts.validation }, options);
    const names = await readdir(join(around.paths.cache, 'whitened'));
    expect(names.filter((name) => !name.startsWith('.'))).toHaveLength(2);
    const other = { ...unused, threads: 64 };
    await expect(prepareImages(parts, { ...options, matrices: () => Promise.resolve(other) })).rejects.toThrow(
      'nothing was to be computed',
    );
  });

  it('are not made of too few or too large images, unless asked for, and the message says why', async () => {
    const around = await surroundings();
    const few = { train: firstImages(train, 5 * size - 1), validation: parts.validation };
    const suggested = await prepareImages(few, { ...around, suggested: 'whitening', matrices: algebra });
    expect(suggested.preparation).toBe('contrast');
    expect(around.notices).toEqual([
      'images are not whitened: 449 of them are too few to tell how their 90 values vary together',
    ]);
    const asked = await prepareImages(few, { ...around, suggested: 'scale', asked: 'whitening', matrices: algebra });
    expect(asked.preparation).toBe('whitening');
    const small = (): Promise<Matrices> => Promise.resolve({ ...unused, largest: 80 });
    await expect(
      prepareImages(parts, { ...around, suggested: 'whitening', asked: 'whitening', matrices: small }),
    ).rejects.toMatchObject({ code: 'cannot-whiten', exitCode: 2, message: expect.stringContaining('80') as string });
    expect((await prepareImages(parts, { ...around, suggested: 'whitening', matrices: small })).preparation).toBe(
      'contrast',
    );
    expect((await prepareImages(parts, { ...around, suggested: 'whitening' })).preparation).toBe('contrast');
  });

  it('tell how long the step has taken that nobody knows the progress of, and its end', async () => {
    const around = await surroundings();
    const told: Progress[] = [];
    const context = { ...around.context, onProgress: (progress: Progress) => told.push(progress) };
    await prepareImages(parts, { ...around, context, suggested: 'whitening', matrices: algebra });
    const steps = told.filter(({ unit }) => unit === 'seconds');
    expect(steps[0].label).toBe('finding the directions in which images vary');
    expect(steps[0].expected).toBeGreaterThan(0);
    expect(steps[0].total).toBeUndefined();
    expect(steps.at(-1)?.total).toBe(steps.at(-1)?.done);
  });

  it('tell the end of every step, for a screen to tick it off', async () => {
    const around = await surroundings();
    for (const _ of ['made', 'read']) {
      const last = new Map<string, Progress>();
      const onProgress = (progress: Progress) => void last.set(progress.label, progress);
      const context = { ...around.context, onProgress };
      await prepareImages(parts, { ...around, context, suggested: 'whitening', matrices: algebra });
      expect(last.size).toBeGreaterThan(1);
      for (const { label, done, total } of last.values()) expect([label, done]).toEqual([label, total]);
    }
  });

  it('stop being made when cancelled, and leave nothing behind', async () => {
    const around = await surroundings();
    const abort = new AbortController();
    const context = {
      ...around.context,
      signal: abort.signal,
      onProgress: ({ label }: { label: string }) => {
        if (label === 'whitening images') abort.abort();
      },
    };
    await expect(
      prepareImages(parts, { ...around, context, suggested: 'whitening', matrices: algebra }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(join(around.paths.cache, 'whitened'))).toEqual([]);
  });
});
