import { describe, expect, it } from 'vitest';
import { generateShapes, shapesClasses, shapesShape } from '../../../../src/engine/data/shapes/generate-shapes.ts';
import { inspectImages, type InspectedData } from '../../../../src/engine/data/inspection/inspect-images.ts';
import type { Finding, ImagePlace } from '../../../../src/engine/data/inspection/inspection.ts';
import type { Progress } from '../../../../src/engine/base/progress.ts';
import { fair, nearly, oneColour, picture, planted } from './planted.ts';

const context = { onProgress: () => undefined, signal: new AbortController().signal };
const inspect = (data: InspectedData) => inspectImages(data, context);
const codes = (findings: readonly Finding[]): string[] => findings.map(({ code }) => code);
const names = (groups: readonly (readonly ImagePlace[])[]): string[][] =>
  groups.map((group) => group.map(({ part, index }) => `${part} ${index}`));

async function only(data: InspectedData): Promise<Finding> {
  const { findings } = await inspect(data);
  expect(findings).toHaveLength(1);
  return findings[0];
}

describe('a data set without fault', () => {
  it('has nothing to be said against it', async () => {
    const inspection = await inspect(planted(fair(40, 0), fair(10, 1000)));
    expect(inspection.findings).toEqual([]);
    expect(inspection.notes).toEqual([]);
    expect(inspection.sizes).toEqual([{ height: 16, width: 16, images: 150 }]);
    expect(inspection.parts.train.classCounts).toEqual([40, 40, 40]);
  });

  it('that the program generates is one', async () => {
    const data = {
      classes: shapesClasses,
      imageShape: shapesShape,
      train: generateShapes(500, 'train'),
      validation: generateShapes(200, 'validation'),
    };
    expect((await inspect(data)).findings).toEqual([]);
  });
});

describe('statistics', () => {
  it('are the mean and the deviation of every channel, of each part by itself', async () => {
    const { parts } = await inspect(
      planted(
        [
          [oneColour(10, 20, 200), 0],
          [oneColour(30, 20, 100), 1],
        ],
        fair(1, 7),
      ),
    );
    expect(parts.train).toMatchObject({ images: 2, mean: [20, 20, 150], deviation: [10, 0, 50] });
    const values = fair(1, 7).map(([pixels]) => [...pixels].filter((_, at) => at % 3 === 1));
    const all = values.flat();
    const mean = all.reduce((sum, value) => sum + value) / all.length;
    const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
    expect(parts.validation.mean[1]).toBeCloseTo(mean, 9);
    expect(parts.validation.deviation[1]).toBeCloseTo(Math.sqrt(variance), 9);
  });

  it('of a part without images are none', async () => {
    const { parts } = await inspect(planted(fair(3, 0), []));
    expect(parts.validation).toEqual({ images: 0, classCounts: [0, 0, 0], mean: [], deviation: [] });
  });
});

describe('findings', () => {
  it('name validation images that are training images too', async () => {
    const train = fair(10, 0);
    const finding = await only(planted(train, [...fair(4, 100), train[7], train[8]]));
    expect(finding).toMatchObject({ code: 'validation-in-training', count: 2 });
    expect(finding.message).toBe(
      '2 validation images are training images too: the network has seen what it is measured on.',
    );
    expect(names(finding.images)).toEqual([
      ['train 7', 'validation 12'],
      ['train 8', 'validation 13'],
    ]);
  });

  it('name repeated images of one part', async () => {
    const train = fair(10, 0);
    const finding = await only(planted([...train, train[3], train[3], train[5]], fair(4, 100)));
    expect(finding).toMatchObject({ code: 'duplicates', count: 3 });
    expect(names(finding.images)).toEqual([
      ['train 3', 'train 30', 'train 31'],
      ['train 5', 'train 32'],
    ]);
  });

  it('name pictures that are there under two classes', async () => {
    const train = fair(10, 0);
    const { findings } = await inspect(planted([...train, [train[3][0], 1]], fair(4, 100)));
    expect(codes(findings)).toEqual(['classes-disagree', 'duplicates']);
    expect(findings[0].message).toBe('1 picture is in more than one class: no prediction for it can be right.');
    expect(findings[0].images[0].map(({ label }) => label)).toEqual([0, 1]);
  });

  it('name images that are nearly the same, those across parts first', async () => {
    const train = fair(20, 0);
    const more: typeof train = [[nearly(train[4][0], 1), 1]];
    const validation: typeof train = [...fair(4, 100), [nearly(train[9][0], 2), 0]];
    const finding = await only(planted([...train, ...more], validation));
    expect(finding).toMatchObject({ code: 'near-duplicates', count: 2 });
    expect(finding.message).toBe(
      '2 images are nearly the same as others; 1 validation image among them nearly repeats training images.',
    );
    expect(names(finding.images)).toEqual([
      ['train 9', 'validation 12'],
      ['train 4', 'train 60'],
    ]);
  });

  it('name images of one colour, once, even when they repeat each other', async () => {
    const red = oneColour(255, 0, 0);
    const finding = await only(
      planted([...fair(10, 0), [red, 0], [red, 1]], [...fair(4, 100), [oneColour(1, 1, 1), 2]]),
    );
    expect(finding).toMatchObject({ code: 'constant-images', count: 3 });
    expect(names(finding.images)).toEqual([['train 30'], ['train 31'], ['validation 12']]);
  });

  it('name small classes, from more than three to one on', async () => {
    const many = (counts: readonly number[]): ReturnType<typeof fair> =>
      counts.flatMap((count, label) =>
        Array.from({ length: count }, (_, index) => [picture(1000 * label + index), label] as const),
      );
    expect((await inspect(planted(many([30, 10, 20]), fair(2, 9000)))).findings).toEqual([]);
    const finding = await only(planted(many([31, 10, 9]), fair(2, 9000)));
    expect(finding).toMatchObject({ code: 'imbalance', count: 2, names: ['dog', 'owl'] });
    expect(finding.message).toContain('3.4 times the training images of the smallest: cat 31 images, owl 9 images');
  });

  it('name classes without images', async () => {
    const without = (label: number) => (image: readonly [Uint8Array, number]) => image[1] !== label;
    const finding = await only(planted(fair(5, 0).filter(without(1)), fair(5, 100).filter(without(2))));
    expect(finding).toMatchObject({ code: 'empty-classes', count: 2 });
    expect(finding.names).toEqual(['dog (no training images)', 'owl (no validation images)']);
    const nobody = await inspect(planted(fair(5, 0).filter(without(0)), fair(5, 100).filter(without(0))));
    expect(nobody.findings[0].names).toEqual(['cat (no images at all)']);
  });

  it('name files that could not be read, and the files of images', async () => {
    const train = fair(10, 0);
    const { findings } = await inspect(
      planted([...train, train[0]], fair(4, 100), {
        corrupt: { count: 1, files: [{ file: 'cat/7.png', why: 'cut short' }] },
        fileOf: (part, index) => `${part}/${index}.png`,
      }),
    );
    expect(codes(findings)).toEqual(['corrupt-files', 'duplicates']);
    expect(findings[0].names).toEqual(['cat/7.png is cut short']);
    expect(findings[1].images[0].map(({ file }) => file)).toEqual(['train/0.png', 'train/30.png']);
  });

  it('keep no more examples than programs can use', async () => {
    const red = oneColour(255, 0, 0);
    const finding = await only(
      planted(
        [...fair(10, 0), ...Array.from({ length: 1100 }, () => [red, 0] as const)].map(
          ([pixels], index) => [pixels, index % 3] as const,
        ),
        fair(4, 100),
      ),
    );
    expect(finding.count).toBe(1100);
    expect(finding.images).toHaveLength(1000);
  });
});

describe('looking through', () => {
  it('reports how far it is, and stops when asked', async () => {
    const seen: Progress[] = [];
    await inspectImages(planted(fair(40, 0), fair(10, 1000)), { ...context, onProgress: (step) => seen.push(step) });
    expect(new Set(seen.map(({ label }) => label))).toEqual(
      new Set(['looking at images', 'looking for near duplicates']),
    );
    expect(seen.at(-1)).toMatchObject({ done: 150, total: 150 });
    const stopped = inspectImages(planted(fair(4, 0), fair(1, 100)), { ...context, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('works on grey images smaller than a thumbnail', async () => {
    const { MemoryImages } = await import('../../../../src/engine/data/raw-images.ts');
    const pixels = Uint8Array.from({ length: 4 * 15 }, (_, at) => (at * 37) % 251);
    const images = new MemoryImages(pixels, Uint16Array.of(0, 0, 1, 1), 15);
    const none = new MemoryImages(new Uint8Array(0), new Uint16Array(0), 15);
    const data = { classes: ['a', 'b'], imageShape: [3, 5, 1] as const, train: images, validation: none };
    const { parts, findings } = await inspect(data);
    expect(parts.train.mean).toHaveLength(1);
    expect(codes(findings)).toEqual(['empty-classes']);
  });
});
