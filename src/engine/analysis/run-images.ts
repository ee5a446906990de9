import { patchImagesOf } from '../base/features.ts';
import { openBundledImages } from '../data/bundled-images.ts';
import { openStoredImages, type StoredImages } from '../data/stored-images.ts';
import type { Paths } from '../base/paths.ts';
import type { RunHeader } from '../run/format.ts';
import { runFiles } from '../run/layout.ts';

/**
 * The images that a run's patches are cut from: those that the run carries, else the data set's on this
 * machine.
 * @throws DeepviewError exit code 4: what `openStoredImages` and `openBundledImages` throw
 */
export async function openRunImages(directory: string, header: RunHeader, paths: Paths): Promise<StoredImages> {
  const { dataset } = header;
  const { imageShape, classes } = dataset;
  const expected = { imageShape, count: patchImagesOf(dataset).count, classes: classes.length };
  return (await openBundledImages(runFiles.images(directory), expected)) ?? openStoredImages(dataset, paths);
}
