import type { ImagePlace, PartName } from '../../engine/data/inspection/inspection.ts';
import { partNames } from '../../engine/data/inspection/inspection.ts';

/**
 * Chooses images of each class to be shown: evenly from all over the training images, which are often sorted by source;
 * where a class has none, from the validation images.
 */
export function sampler(
  labels: Record<PartName, Uint16Array>,
  classes: number,
): (label: number, count: number) => ImagePlace[] {
  const members = new Map<PartName, number[][]>();
  for (const part of partNames) {
    const lists: number[][] = Array.from({ length: classes }, () => []);
    labels[part].forEach((label, index) => lists[label].push(index));
    members.set(part, lists);
  }
  return (label, count) => {
    const part = members.get('train')?.[label].length ? 'train' : 'validation';
    const from = members.get(part)?.[label] ?? [];
    const wanted = Math.min(count, from.length);
    return Array.from({ length: wanted }, (_, place) => ({
      part,
      index: from[Math.floor(((place + 0.5) * from.length) / wanted)],
      label,
    }));
  };
}
