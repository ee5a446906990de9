import { join } from 'node:path';
import { ProgressMeter } from '../../base/progress.ts';
import type { DataContext } from '../catalogue.ts';
import { factsIfReadable, type ImageFacts } from '../folder/decode-image.ts';
import { inOrder, workers } from '../images/sharp.ts';
import { openImages, type ImagesRequest } from '../open-images.ts';
import { ChosenImages } from '../raw-images.ts';
import { readNames } from '../store/open-store.ts';
import type { InspectedData } from './inspect-images.ts';
import { partNames, type Inspection, type PartName } from './inspection.ts';

/** Files whose sizes are looked up at most; of more, this many from all over. */
const mostSized = 20_000;

/**
 * Opens a data set to be looked through: images that cannot be read are left out and named, and every image knows its
 * file where it has one.
 * @throws DeepviewError as `openImages`
 */
export async function openInspected(
  request: Omit<ImagesRequest, 'limit' | 'skipCorrupt' | 'isInspected'>,
  context: DataContext,
): Promise<InspectedData & { name: string }> {
  const { name, classes, imageShape, train, validation, store } = await openImages(
    { ...request, limit: Infinity, skipCorrupt: true, isInspected: true },
    context,
  );
  const data = { name, classes, imageShape, train, validation };
  if (!store) return data;
  const { directory, source, passedOver, images, remarks } = store;
  const stored = images.all ? (['all', 'all'] as const) : partNames;
  const names = await Promise.all(stored.map((part) => readNames(directory, part)));
  const fileOf = (part: PartName, index: number): string | undefined => {
    const own = data[part];
    return names[partNames.indexOf(part)]?.[own instanceof ChosenImages ? own.places[index] : index];
  };
  const files = source === undefined ? [] : [...new Set(names.flatMap((list) => list ?? []))];
  return {
    ...data,
    corrupt: passedOver,
    remarks,
    fileOf,
    ...(files.length > 0 && { sizes: await sizesOf(source ?? '', files, context) }),
  };
}

/** The sizes that image files have, the most frequent first. Files that have gone since are passed over. */
async function sizesOf(root: string, files: readonly string[], context: DataContext): Promise<Inspection['sizes']> {
  const count = Math.min(mostSized, files.length);
  const chosen = Array.from({ length: count }, (_, place) => files[Math.floor((place * files.length) / count)]);
  const meter = new ProgressMeter({ label: 'reading the sizes of images', unit: 'items', total: count, ...context });
  const look = (file: string): Promise<ImageFacts | undefined> => factsIfReadable(join(root, file));
  const counts = new Map<string, { height: number; width: number; images: number }>();
  for await (const { result } of inOrder(chosen, 2 * workers(), look)) {
    meter.advance(1);
    if (!result) continue;
    const { height, width } = result;
    const size = counts.get(`${height} ${width}`);
    if (size) size.images++;
    else counts.set(`${height} ${width}`, { height, width, images: 1 });
  }
  meter.finish();
  return [...counts.values()].sort((a, b) => b.images - a.images);
}
