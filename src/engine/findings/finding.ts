import type { NeuronMetrics } from '../metrics/index.ts';
import type { RunHeader, RunRecord } from '../run/format.ts';
import type { Thresholds } from './thresholds.ts';

/** How much a finding matters: `note` is worth knowing, `warning` costs accuracy or time, `error` makes the run worthless. */
export const severities = ['note', 'warning', 'error'] as const;
export type Severity = (typeof severities)[number];

/** What rules look at. */
export interface DiagnosedRun {
  header: RunHeader;
  /** Committed ones, ascending. */
  records: readonly RunRecord[];
  /** The metrics of each layer's neurons at the newest record, where they were read: findings name neurons then. */
  neurons?: readonly NeuronMetrics[] | undefined;
}

/** What a rule found, and where. */
export interface Found {
  severity: Severity;
  /** In one sentence, with the numbers. */
  text: string;
  /** Layers from 1, the place of the finding first; none where it is of the run as a whole. */
  layers?: readonly number[];
  /** Of the first of the layers, from 0. */
  neurons?: readonly number[];
  /** The numbers of the records that it is about: the first and the last. */
  records?: readonly [first: number, last: number];
  /** What was measured, by name: values that are not finite too. */
  numbers: Readonly<Record<string, number>>;
}

/** One way in which a training goes wrong: a file each, listed in diagnose.ts. */
export interface Rule {
  id: string;
  /** In a few words, lower case. */
  label: string;
  /** What it usually means, in one sentence. */
  means: string;
  /** What to try, in one sentence. */
  tries: string;
  /** Where the rule comes from. */
  source: string;
  /** @returns at most one finding: what several layers have in common is told once */
  find: (run: DiagnosedRun, thresholds: Thresholds) => Found | undefined;
}

/** What was found, with what its rule says of it. */
export type Finding = Found & { rule: string } & Pick<Rule, 'label' | 'means' | 'tries' | 'source'>;
