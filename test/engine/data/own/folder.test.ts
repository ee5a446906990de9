import { chmod, mkdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../../src/engine/data/folder/decode-image.ts';
import { provideFolder, chooseShape } from '../../../../src/engine/data/folder/provide-folder.ts';
import { readNames } from '../../../../src/engine/data/store/open-store.ts';
import { asOrdinaryUser } from '../../../support/ordinary-user.ts';
import { scene } from './scene.ts';

const avif = Buffer.from('\0\0\0\x1cftypavif and more');

const good = {
  'ant/1.png': 'colour.png',
  'ant/2.png': 'palette.png',
  'bee/deep/er/3.jpg': 'smooth.jpg',
  'bee/4.png': 'grey.png',
} as const;

describe('provideFolder', () => {
  it('decodes a folder of class folders once, into an order of chance, with where each came from', async () => {
    const { pets, context, progress, notices } = await scene();
    const root = await pets(good);
    const store = await provideFolder(root, {}, context);
    expect(store).toMatchObject({ name: 'pets', source: root, classes: ['ant', 'bee'], imageShape: [6, 8, 3] });
    const all = store.images.all!;
    const names = (await readNames(store.directory, 'all'))!;
    expect([...names].sort()).toEqual(Object.keys(good).sort());
    for (const [image, name] of names.entries()) {
      expect(all.labels[image]).toBe(name.startsWith('ant') ? 0 : 1);
      const pixels = await decodeImage(join(root, name), [6, 8, 3], 'crop');
      expect(Buffer.from(all.view(image, image + 1))).toEqual(Buffer.from(pixels));
    }
    expect(progress.at(-1)).toMatchObject({ label: 'reading images of pets', done: 4, total: 4 });
    expect(notices).toEqual([]);
    const told = progress.length;
    expect((await provideFolder(root, {}, context)).content).toBe(store.content);
    expect(progress.slice(told).map(({ label }) => label)).not.toContain('reading images of pets');
  });

  it('reads again what changed, and what is damaged', async () => {
    const { pets, context, notices } = await scene();
    const root = await pets(good);
    const before = await provideFolder(root, {}, context);
    await truncate(join(before.directory, 'all.bin'), 100);
    expect((await provideFolder(root, {}, context)).content).toBe(before.content);
    expect(notices).toEqual([expect.stringContaining('are damaged (all.bin has 100 bytes')]);
    await pets({ 'ant/1.png': 'alpha.png' });
    await utimes(join(root, 'ant/1.png'), 1, 1);
    expect((await provideFolder(root, {}, context)).content).not.toBe(before.content);
  });

  it('keeps a given split, whatever the validation folder is called', async () => {
    const { pets, context, notices } = await scene();
    const root = await pets({
      'train/ant/1.png': 'grey.png',
      'train/bee/2.png': 'grey.png',
      'val/ant/3.jpg': 'grey.jpg',
      'val/bee/4.jpg': 'grey.jpg',
    });
    const { images, imageShape } = await provideFolder(root, {}, context);
    expect(imageShape).toEqual([6, 8, 1]);
    expect([images.train?.count, images.validation?.count, images.all]).toEqual([2, 2, undefined]);
    expect(notices).toEqual(['the validation images of pets are those in val/']);
  });

  it.each([
    ['Train', 'Test'],
    ['training', 'validation'],
    ['TRAIN', 'testing'],
  ])('knows %s/ and %s/ as the parts, not as classes', async (training, validation) => {
    const { pets, context } = await scene();
    const files = [training, validation].flatMap((part) =>
      ['ant', 'bee'].map((name) => [`${part}/${name}/1.PNG`, 'grey.png'] as const),
    );
    const { classes, parts } = await provideFolder(await pets(Object.fromEntries(files)), {}, context);
    expect(classes).toEqual(['ant', 'bee']);
    expect(parts.map(({ name, count }) => [name, count])).toEqual([
      ['train', 2],
      ['validation', 2],
    ]);
  });

  it('says which images are not used', async () => {
    const { pets, context, notices } = await scene();
    const files = ['train', 'val', 'test'].flatMap((part) =>
      ['ant', 'bee'].map((name) => [`${part}/${name}/1.png`, 'grey.png'] as const),
    );
    await provideFolder(await pets({ ...Object.fromEntries(files), 'train/3.png': 'grey.png' }), {}, context);
    expect(notices).toEqual([
      'train/3.png lies in no class folder and is passed over',
      'the validation images of pets are those in val/; those in test/ are not used',
    ]);
  });

  it('says so where the classes lie a folder deeper, and how to have formats that are not read', async () => {
    const { pets, context, home } = await scene();
    const root = await pets({
      'all/ant/1.png': 'grey.png',
      'all/bee/1.png': 'grey.png',
      '__MACOSX/all/x.png': 'grey.png',
    });
    await expect(provideFolder(root, {}, context)).rejects.toMatchObject({
      code: 'one-class',
      hint: `If the folders in all are the classes, name that: ${join(home, 'pets/all')}`,
    });
    await expect(provideFolder(join(root, 'all'), {}, context)).resolves.toMatchObject({ classes: ['ant', 'bee'] });
    await writeFile(join(root, 'all/ant/2.avif'), avif);
    await expect(provideFolder(join(root, 'all'), {}, context)).rejects.toMatchObject({
      code: 'corrupt-images',
      hint: expect.stringContaining('Convert them'),
    });
  });

  it('takes class names in any script, and nested folders', async () => {
    const { pets, context } = await scene();
    const files = ['dog🐶', 'Überraschung', 'a b', '猫/deep/er'].map((name) => [`${name}/1.Png`, 'grey.png'] as const);
    const { classes } = await provideFolder(await pets(Object.fromEntries(files)), {}, context);
    expect(classes).toEqual(['a b', 'dog🐶', 'Überraschung', '猫']);
  });

  it('brings images of different sizes to one, and says so; --image-size says which', async () => {
    const { pets, context, notices } = await scene();
    const root = await pets({ ...good, 'bee/5.jpg': 'turned.jpg' });
    expect((await provideFolder(root, {}, context)).imageShape).toEqual([32, 32, 3]);
    expect(notices).toEqual([expect.stringMatching(/^images of \dx\d to \dx\d are made 32x32, cropped/)]);
    expect((await provideFolder(root, { imageSize: 16, fit: 'stretch' }, context)).imageShape).toEqual([16, 16, 3]);
  });

  it('passes over hidden files, and over others with a notice', async () => {
    const { pets, context, notices } = await scene();
    const root = await pets({ ...good, 'ant/.x.png': 'colour.png', '.git/y.png': 'colour.png' });
    await writeFile(join(root, 'ant', 'notes.txt'), 'x');
    expect((await provideFolder(root, {}, context)).parts).toEqual([{ name: 'all', count: 4 }]);
    expect(notices).toEqual(['ant/notes.txt is no image and is passed over']);
  });

  it('names corrupt files, and leaves them out when asked', async () => {
    const { pets, context, notices } = await scene();
    const root = await pets(good);
    await writeFile(join(root, 'bee/new.heic'), avif);
    await writeFile(join(root, 'ant/b\u001bad.png'), 'no');
    const refused = provideFolder(root, {}, context);
    await expect(refused).rejects.toMatchObject({
      code: 'corrupt-images',
      exitCode: 4,
      message: expect.stringContaining('2 of 6 image files'),
      hint: expect.stringContaining('--skip-corrupt'),
    });
    await expect(refused).rejects.toThrow(/ant\/b\ufffdad\.png is no image.*|new\.heic is a HEIF/);
    const left = await provideFolder(root, { skipCorrupt: true }, context);
    expect(left.parts).toEqual([{ name: 'all', count: 4 }]);
    expect(left.passedOver.count).toBe(2);
    expect(notices.at(-1)).toContain('2 image files of pets could not be read and are left out');
    await writeFile(join(root, 'ant/1.png'), '');
    await writeFile(join(root, 'ant/2.png'), '');
    await expect(provideFolder(root, { skipCorrupt: true }, context)).rejects.toMatchObject({ code: 'empty-class' });
  });

  it.each<[string, string, (root: string) => Promise<unknown>]>([
    ['an empty class folder', 'empty-class', (root) => mkdir(join(root, 'cow'))],
    ['a link that leaves the folder', 'link-outside', (root) => symlink('/etc/passwd', join(root, 'ant/x.png'))],
    ['a link to nowhere', 'link-broken', (root) => symlink('./gone.png', join(root, 'ant/x.png'))],
    ['a link to where it lies', 'link-loop', (root) => symlink('..', join(root, 'ant/x'))],
    ['one class only', 'one-class', (root) => rm(join(root, 'bee'), { recursive: true })],
    [
      'images without class folders',
      'no-classes',
      async (root) => {
        await rm(root, { recursive: true });
        await mkdir(root);
        await writeFile(join(root, '1.png'), '');
      },
    ],
    [
      'other classes for validation',
      'classes-differ',
      async (root) => {
        for (const path of ['train/ant', 'train/bee', 'test/ant', 'test/cow']) {
          await mkdir(join(root, path), { recursive: true });
          await writeFile(join(root, path, '1.png'), '');
        }
      },
    ],
  ])('refuses %s', async (_, code, change) => {
    const { pets, context } = await scene();
    const root = await pets(good);
    await change(root);
    const refused = provideFolder(root, {}, context);
    await expect(refused).rejects.toMatchObject({ code, exitCode: 4 });
    // eslint-disable-next-line no-control-regex
    await expect(refused).rejects.not.toThrow(/[\u0000-\u001f]/);
  });

  it('keeps joiners of class names, and spells what cannot be seen in one', async () => {
    const { pets, context, notices } = await scene();
    const names = ['c\u001b[2Jow', 'zero\u200bwidth', '👩\u200d🔬', 'درخت\u200cها'];
    const root = await pets(Object.fromEntries(names.map((name) => [`${name}/1.png`, 'grey.png'])));
    const { classes, remarks } = await provideFolder(root, {}, context);
    expect([...classes].sort()).toEqual(['c<U+001B>[2Jow', 'zero<U+200B>width', 'درخت\u200cها', '👩\u200d🔬'].sort());
    expect(remarks).toEqual([
      expect.objectContaining({ code: 'class-names', names: ['c<U+001B>[2Jow', 'zero<U+200B>width'] }),
    ]);
    expect(notices).toEqual([remarks![0].message]);
  });

  it.each<[string, readonly string[], string | undefined]>([
    [
      'parts that each hold the classes, in a folder of their own name',
      ['seg_test/seg_test/sea', 'seg_test/seg_test/wood', 'seg_train/seg_train/sea', 'seg_train/seg_train/wood'],
      'seg_test and seg_train both hold sea, wood: are these parts, not classes?',
    ],
    [
      'folds',
      ['fold0/ant', 'fold0/bee', 'fold1/ant', 'fold1/bee', 'fold2/ant', 'fold2/bee', 'fold2/cow'],
      'fold0, fold1 and fold2 all hold ant, bee: are these parts, not classes?',
    ],
    [
      'a split within each class',
      ['ant/train', 'ant/val', 'bee/train', 'bee/val'],
      'ant and bee both hold train, val: the split lies within the classes, and is not used',
    ],
    ['folders of other names', ['ant/red', 'ant/black', 'bee/honey', 'bee/bumble'], undefined],
    ['one folder in each', ['ant/images', 'bee/images'], undefined],
    ['images beside the folders', ['ant', 'ant/a', 'ant/b', 'bee/a', 'bee/b'], undefined],
  ])('tells class folders from parts: %s', async (_, folders, message) => {
    const { pets, context } = await scene();
    const root = await pets(Object.fromEntries(folders.map((folder) => [`${folder}/1.png`, 'grey.png'])));
    const { remarks } = await provideFolder(root, {}, context);
    const wanted = message === undefined ? [] : [expect.objectContaining({ code: 'parts-as-classes', message })];
    expect(remarks).toEqual(wanted);
  });

  it('takes 16 bits of which the upper ones are never used for as many as are, and says so', async () => {
    const { pets, context, home } = await scene();
    const root = await pets(good);
    const before = await provideFolder(root, {}, context);
    const values = Uint16Array.from({ length: 48 }, (_, at) => at * 87);
    const raw = { width: 8, height: 6, channels: 1 } as const;
    await sharp(values, { raw }).toColourspace('grey16').png().toFile(join(home, 'pets/ant/scan.png'));
    const store = await provideFolder(root, {}, context);
    expect(store.remarks).toEqual([
      expect.objectContaining({ code: 'sixteen-bits', count: 1, message: expect.stringContaining('use 0 to 4089') }),
    ]);
    const names = (await readNames(store.directory, 'all'))!;
    const scan = store.images.all!.view(names.indexOf('ant/scan.png'), names.indexOf('ant/scan.png') + 1);
    expect([scan[0], scan[3], scan[141]]).toEqual([0, 5, 255]);
    // Those of 8 bits are as they were.
    const was = (await readNames(before.directory, 'all'))!.indexOf('ant/1.png');
    const is = names.indexOf('ant/1.png');
    expect(store.images.all!.view(is, is + 1)).toEqual(before.images.all!.view(was, was + 1));
  });

  it('notes what it takes for granted, whenever the images are opened', async () => {
    const { pets, context, notices } = await scene();
    const root = await pets({ ...good, 'ant/3.gif': 'frames.gif', 'bee/5.png': 'alpha.png' });
    for (const _ of ['read', 'kept']) {
      expect((await provideFolder(root, {}, context)).remarks).toEqual([
        { code: 'note', count: 1, message: 'ant/3.gif: of several frames or pages the first is read' },
        { code: 'note', count: 1, message: 'bee/5.png: what can be seen through is laid on white' },
      ]);
      expect(notices.splice(0)).toEqual([
        'ant/3.gif: of several frames or pages the first is read',
        'bee/5.png: what can be seen through is laid on white',
      ]);
    }
    await provideFolder(root, { isInspected: true }, context);
    expect(notices).toEqual([]);
  });

  it('follows links out of the folder when asked to, and calls the class by the link', async () => {
    const { pets, context, home } = await scene();
    const root = await pets(good);
    const subset = join(home, 'subset');
    await mkdir(subset);
    await symlink(join(root, 'ant'), join(subset, 'emmet'));
    await symlink(join(root, 'bee'), join(subset, 'wasp'));
    await expect(provideFolder(subset, {}, context)).rejects.toMatchObject({
      code: 'link-outside',
      hint: expect.stringContaining('--follow-links') as string,
    });
    const { classes, parts } = await provideFolder(subset, { followLinks: true }, context);
    expect([classes, parts]).toEqual([['emmet', 'wasp'], [{ name: 'all', count: 4 }]]);
    // A way round through another folder ends as well.
    await symlink(subset, join(root, 'ant/again'));
    await expect(provideFolder(subset, { followLinks: true }, context)).rejects.toMatchObject({ exitCode: 4 });
  });

  it('follows links within the folder', async () => {
    const { pets, context } = await scene();
    const root = await pets(good);
    await symlink('../bee/4.png', join(root, 'ant/linked.png'));
    expect((await provideFolder(root, {}, context)).parts).toEqual([{ name: 'all', count: 5 }]);
  });

  it('says where it has no rights', async () => {
    const { pets, context, home } = await scene();
    const root = await pets(good);
    await chmod(home, 0o777);
    const ant = join(root, 'ant');
    await chmod(ant, 0);
    await expect(asOrdinaryUser(() => provideFolder(root, {}, context))).rejects.toMatchObject({
      code: 'no-permission',
      exitCode: 4,
      message: expect.stringContaining(ant) as string,
    });
    await chmod(ant, 0o700);
  });

  it('can be cancelled, and leaves nothing half done', async () => {
    const { pets, context, abort } = await scene();
    const root = await pets(good);
    abort.abort();
    await expect(provideFolder(root, {}, context)).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('chooseShape', () => {
  const facts = (height: number, width: number, channels: 1 | 3 = 3) => ({ height, width, channels });
  it.each([
    ['their own where all are alike', [facts(20, 30), facts(20, 30)], [20, 30, 3]],
    ['grey where all are grey', [facts(20, 30, 1)], [20, 30, 1]],
    ['224 where all are larger', [facts(300, 400)], [224, 224, 3]],
    ['the usual side below the median', [facts(50, 70), facts(100, 130), facts(140, 999)], [96, 96, 3]],
    ['32 where they are small', [facts(5, 5), facts(6, 6)], [32, 32, 3]],
  ])('is %s', (_, all, shape) => expect(chooseShape(all, {}).shape).toEqual(shape));
});
