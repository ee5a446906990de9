import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { inspectImages } from '../../../../src/engine/data/inspection/inspect-images.ts';
import { openInspected } from '../../../../src/engine/data/inspection/open-inspected.ts';
import { openImages } from '../../../../src/engine/data/open-images.ts';
import { pathsFor } from '../../../../src/engine/base/paths.ts';
import { temporaryDirectory } from '../../transfer/support.ts';
import { imageFolder } from './image-folder.ts';
import { picture } from './planted.ts';

async function scene() {
  const home = await temporaryDirectory();
  const context = {
    paths: pathsFor({ HOME: home }),
    env: { HOME: home },
    onProgress: () => undefined,
    onNotice: () => undefined,
    signal: new AbortController().signal,
  };
  return { root: join(home, 'pets'), context };
}

const pictures = (folder: string, first: number, count: number): Record<string, Uint8Array> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${folder}/${at}.png`, picture(first + at)]));

describe('openInspected', () => {
  it('knows the file of every image, also where images are split by chance, and names those that cannot be read', async () => {
    const { root, context } = await scene();
    const files = { ...pictures('cat', 0, 12), ...pictures('dog', 100, 12) };
    await imageFolder(root, { ...files, 'cat/twin.png': picture(3), 'dog/broken.png': 'no picture' });
    const data = await openInspected({ name: root, split: { validation: 0.25 } }, context);
    expect(data.train.count + data.validation.count).toBe(25);
    for (const part of ['train', 'validation'] as const) {
      for (let index = 0; index < data[part].count; index++) {
        const file = data.fileOf?.(part, index) ?? '';
        const wanted = file === 'cat/twin.png' ? picture(3) : files[file];
        expect(data[part].view(index, index + 1)).toEqual(wanted);
        expect(data.classes[data[part].labels[index]]).toBe(file.split('/')[0]);
      }
    }
    const { findings, sizes } = await inspectImages(data, context);
    expect(sizes).toEqual([{ height: 16, width: 16, images: 25 }]);
    expect(findings.map(({ code }) => code)).toHaveLength(2);
    expect(findings[0]).toMatchObject({ code: 'corrupt-files', count: 1 });
    expect(findings[0].names[0]).toMatch(/^dog\/broken\.png is /);
    expect(['duplicates', 'validation-in-training']).toContain(findings[1].code);
    expect(findings[1].images[0].map(({ file }) => file).sort()).toEqual(['cat/3.png', 'cat/twin.png']);
  });

  it('tells of classes without images, which training refuses, and of classes of one part alone', async () => {
    const { root, context } = await scene();
    await imageFolder(root, { ...pictures('cat', 0, 12), ...pictures('dog', 100, 1), 'cow/broken.png': 'no picture' });
    await mkdir(join(root, 'emu'));
    await expect(openImages({ name: root, limit: Infinity }, context)).rejects.toMatchObject({ code: 'empty-class' });
    const data = await openInspected({ name: root }, context);
    expect(data.classes).toEqual(['cat', 'cow', 'dog', 'emu']);
    const { findings, parts } = await inspectImages(data, context);
    expect(parts.train.classCounts).toEqual([11, 0, 1, 0]);
    expect(findings.find(({ code }) => code === 'empty-classes')?.names).toEqual([
      'cow (no images at all)',
      'dog (no validation images)',
      'emu (no images at all)',
    ]);
    const split = join(root, '..', 'split');
    const files = { ...pictures('train/cat', 0, 3), ...pictures('train/dog', 10, 3), ...pictures('val/cat', 20, 3) };
    await imageFolder(split, { ...files, ...pictures('val/emu', 30, 3) });
    await expect(openImages({ name: split, limit: Infinity }, context)).rejects.toMatchObject({
      code: 'classes-differ',
    });
    const inspected = await inspectImages(await openInspected({ name: split }, context), context);
    expect(inspected.findings.find(({ code }) => code === 'empty-classes')?.names).toEqual([
      'dog (no validation images)',
      'emu (no training images)',
    ]);
    expect(inspected.parts.validation.classCounts).toEqual([3, 0, 3]);
  });

  it('makes findings of what reading had to say, and notes of what spoils nothing', async () => {
    const { root, context } = await scene();
    await imageFolder(root, { ...pictures('a\u200bb', 0, 3), ...pictures('c', 10, 3) });
    const clear = { width: 16, height: 16, channels: 4, background: '#20406080' } as const;
    await writeFile(join(root, 'c/clear.png'), await sharp({ create: clear }).png().toBuffer());
    const { findings, notes } = await inspectImages(await openInspected({ name: root }, context), context);
    expect(findings[0]).toMatchObject({ code: 'class-names', count: 1, names: ['a<U+200B>b'] });
    expect(notes).toEqual(['c/clear.png: what can be seen through is laid on white']);
  });

  it('says which sizes the files have, though all are brought to one', async () => {
    const { root, context } = await scene();
    await imageFolder(root, { ...pictures('a', 0, 3), ...pictures('b', 10, 3) });
    await mkdir(join(root, 'b'), { recursive: true });
    const large = { width: 40, height: 20, channels: 3, background: '#204060' } as const;
    await writeFile(join(root, 'b/large.png'), await sharp({ create: large }).png().toBuffer());
    const data = await openInspected({ name: root, imageSize: 16 }, context);
    expect(data.sizes).toEqual([
      { height: 16, width: 16, images: 6 },
      { height: 20, width: 40, images: 1 },
    ]);
    const { findings } = await inspectImages(data, context);
    expect(findings.map(({ code }) => code)).toEqual(['constant-images']);
  });

  it('opens a data set by its name too', async () => {
    const { context } = await scene();
    const data = await openInspected({ name: 'shapes' }, context);
    expect(data).toMatchObject({ name: 'shapes', imageShape: [32, 32, 3] });
    expect(data.fileOf).toBeUndefined();
  });
});
