import type { Finding, ImagePlace } from '../../engine/data/inspection/inspection.ts';
import { printable } from '../../engine/base/printable.ts';

/** Lines of evidence, and images or names on one. */
const mostLines = 5;
const mostOnLine = 8;

/** What shows a finding, a line an example: the images that belong together, or names. */
export function evidenceOf(finding: Finding, classes: readonly string[]): string[] {
  const { images, names } = finding;
  const sign = finding.code === 'near-duplicates' ? ' ~ ' : ' = ';
  const lines = images.slice(0, mostLines).map((group) => groupText(group, classes, sign));
  if (images.length > mostLines) lines.push(`and ${images.length - mostLines} more (--json has them)`);
  if (names.length > 0) {
    // Files come with a reason each, classes do not.
    if (finding.code === 'corrupt-files') {
      lines.push(...names.slice(0, mostLines).map((name) => printable(name, 500)));
      if (names.length > mostLines) lines.push(`and ${names.length - mostLines} more (--json has them)`);
    } else lines.push(listed(names.map((name) => printable(name))));
  }
  return lines;
}

/** `training 12, 40 (cat) = validation 3 (dog)` */
function groupText(group: readonly ImagePlace[], classes: readonly string[], sign: string): string {
  const texts = new Map<string, string[]>();
  for (const { part, index, label, file } of group) {
    const key = `${part} ${label}`;
    const name = file === undefined ? String(index) : printable(file, 200);
    texts.set(key, [...(texts.get(key) ?? []), name]);
  }
  return [...texts]
    .map(([key, members]) => {
      const [part, label] = key.split(' ');
      const name = printable(classes[Number(label)] ?? label);
      return `${part === 'train' ? 'training' : 'validation'} ${listed(members)} (${name})`;
    })
    .join(sign);
}

function listed(words: readonly string[]): string {
  const rest = words.length - mostOnLine;
  return words.slice(0, mostOnLine).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
