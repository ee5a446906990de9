import { severities, type DiagnosedRun, type Finding, type Rule, type Severity } from './finding.ts';
import { classes } from './rules/classes.ts';
import { dead } from './rules/dead.ts';
import { degenerates } from './rules/degenerates.ts';
import { finishedFirst } from './rules/finished-first.ts';
import { explodingGradients, vanishingGradients } from './rules/gradients.ts';
import { nonFinite } from './rules/non-finite.ts';
import { overfitting } from './rules/overfitting.ts';
import { plateau } from './rules/plateau.ts';
import { rateTooHigh } from './rules/rate-too-high.ts';
import { rateTooLow } from './rules/rate-too-low.ts';
import { redundant } from './rules/redundant.ts';
import { saturated } from './rules/saturated.ts';
import { unchanged } from './rules/unchanged.ts';
import { updateRatio } from './rules/update-ratio.ts';
import { defaultThresholds, type Thresholds } from './thresholds.ts';

/** The rules, in the order in which findings of one severity are told. A new one is a file and its line here. */
export const rules: readonly Rule[] = [
  nonFinite,
  plateau,
  rateTooHigh,
  rateTooLow,
  explodingGradients,
  vanishingGradients,
  dead,
  saturated,
  unchanged,
  updateRatio,
  overfitting,
  degenerates,
  classes,
  redundant,
  finishedFirst,
];

/**
 * What is wrong with a run, the gravest first. It takes a millisecond or so: rules look at scalars and layers' metrics, and
 * read nothing.
 */
export const diagnose = (run: DiagnosedRun, thresholds: Thresholds = defaultThresholds): Finding[] =>
  rules
    .flatMap(({ id, label, means, tries, source, find }): Finding[] => {
      const found = find(run, thresholds);
      return found ? [{ rule: id, label, ...found, means, tries, source }] : [];
    })
    .sort((one, other) => rank(other.severity) - rank(one.severity));

const rank = (severity: Severity): number => severities.indexOf(severity);

/** Whether any is a warning or worse. */
export const areGrave = (findings: readonly Finding[]): boolean => findings.some(({ severity }) => severity !== 'note');
