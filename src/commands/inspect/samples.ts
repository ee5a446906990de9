import type { ImagePlace, PartName } from '../../engine/data/inspection/inspection.ts';
import { partNames } from '../../engine/data/inspection/inspection.ts';

/** Chooses images of a class and part to be shown: evenly from all over it, for images are often sorted by source. */
export function sampler(
  labels: Record<PartName, Uint16Array>,
  classes: number,
): (part: PartName, label: number, count: number) => ImagePlace[] {
  const members = new Map<PartName, number[][]>();
  for (const part of partNames) {
    const lists: number[][] = Array.from({ length: classes }, () => []);
    labels[part].forEach((label, index) => lists[label].push(index));
    members.set(part, lists);
  }
  return (part, label, count) => {
    const from = members.get(part)?.[label] ?? [];
    const wanted = Math.min(count, from.length);
    return Array.from({ length: wanted }, (_, place) => ({
      part,
      index: from[Math.floor(((place + 0.5) * from.length) / wanted)],
      label,
    }));
  };
}
