import type { RunMetrics } from './catalogue.ts';
import type { MetricDescription } from './metric.ts';

/** A group of scalars that the program knows: one chart, whose lines are the group's splits. */
export type ScalarGroup = Omit<MetricDescription, 'id' | 'symbol'> & {
  /** The first part of a tag: `loss` of `loss/validation`. */
  group: string;
};

/** The groups that the program knows, in the order in which they are shown. None is required of a run. */
export const scalarGroups: readonly ScalarGroup[] = [
  { group: 'loss', label: 'loss', unit: '', better: 'lower' },
  { group: 'error', label: 'top-1 error', unit: 'share', better: 'lower', range: [0, 1] },
  { group: 'error_top5', label: 'top-5 error', unit: 'share', better: 'lower', range: [0, 1] },
  { group: 'accuracy', label: 'accuracy', unit: 'share', better: 'higher', range: [0, 1] },
  { group: 'perplexity', label: 'perplexity', unit: '', better: 'lower' },
  { group: 'learning_rate', label: 'rate', unit: '' },
  { group: 'gradient_norm', label: 'gradient norm', unit: '' },
];

/** What is known of a scalar's tag, `GROUP/SPLIT` or `GROUP`. */
export type ScalarDescription = ScalarGroup & {
  tag: string;
  /** `train`, `validation`; empty where a group is one line. */
  split: string;
};

/**
 * How a scalar is called and read. What the catalogue does not know is a group of its own, be it by what the run says of
 * the tag or of its group, or by its tag alone.
 */
export function describeScalar(tag: string, header?: { metrics?: RunMetrics | undefined }): ScalarDescription {
  const slash = tag.indexOf('/');
  const [group, split] = slash > 0 ? [tag.slice(0, slash), tag.slice(slash + 1)] : [tag, ''];
  const known = scalarGroups.find((one) => one.group === group);
  if (known) return { ...known, tag, split };
  const told = [tag, group].map((name) =>
    header?.metrics && Object.hasOwn(header.metrics, name) ? header.metrics[name] : undefined,
  );
  const { label = group.replaceAll('_', ' '), ...more } = told[0] ?? told[1] ?? {};
  return { unit: '', ...more, tag, group, split, label };
}
