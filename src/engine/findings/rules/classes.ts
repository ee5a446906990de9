import { printable } from '../../base/printable.ts';
import type { DiagnosedRun, Found, Rule } from '../finding.ts';
import type { Thresholds } from '../thresholds.ts';

export const classes: Rule = {
  id: 'classes',
  label: 'classes out of balance',
  means: 'Rare classes weigh little in the loss, and one that is missing is never learned: errors say little of them.',
  tries: 'Gather more images of them, weigh them in the loss, or leave the missing ones out of the classes.',
  source: 'He and Garcia (2009), "Learning from imbalanced data"',
  find,
};

/** By the probe's labels, which is what a run tells of its images' classes. */
function find({ header }: DiagnosedRun, thresholds: Thresholds): Found | undefined {
  const { labels } = header.probe;
  if (!labels || labels.length === 0) return undefined;
  const names = header.dataset.classes;
  const counts = new Array<number>(Math.max(names.length, ...labels.map((label) => label + 1))).fill(0);
  for (const label of labels) counts[label]++;
  const named = (label: number): string => printable(names[label] ?? `class ${label}`, 30);
  const rarest = counts.indexOf(Math.min(...counts));
  const [least, most] = [counts[rarest], Math.max(...counts)];
  if (least > 0 && most / least < thresholds['classes.ratio']) return undefined;
  const missing = counts.filter((count) => count === 0).length;
  return {
    // A small probe of many classes has not all of them by chance.
    severity: missing > 0 && labels.length >= thresholds['classes.images'] * counts.length ? 'warning' : 'note',
    text:
      missing > 0
        ? `No image of the probe is of ${named(rarest)}${missing > 1 ? ` nor of ${missing - 1} other classes` : ''}.`
        : `The probe has ${least} images of ${named(rarest)} and ${most} of ${named(counts.indexOf(most))}.`,
    numbers: { least, most, missing },
  };
}
