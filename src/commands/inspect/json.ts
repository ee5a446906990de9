import type { InspectedData } from '../../engine/data/inspection/inspect-images.ts';
import type { ImagePlace, Inspection, PartName } from '../../engine/data/inspection/inspection.ts';

/** An image as `--json` names it. */
interface NamedImage {
  part: PartName;
  index: number;
  class: string;
  file?: string;
}

/** What `data inspect --json` prints. */
export function inspectionJson(name: string, { classes, imageShape }: InspectedData, inspection: Inspection): object {
  const { parts, sizes, findings, notes } = inspection;
  const named = ({ part, index, label, file }: ImagePlace): NamedImage => ({
    part,
    index,
    class: classes[label],
    ...(file !== undefined && { file }),
  });
  return {
    format: 1,
    name,
    classes,
    imageShape,
    sizes,
    train: parts.train,
    validation: parts.validation,
    findings: findings.map(({ images, names, ...finding }) => ({
      ...finding,
      ...(images.length > 0 && { images: images.map((group) => group.map(named)) }),
      ...(names.length > 0 && { names }),
    })),
    notes,
  };
}
