export { areGrave, diagnose, rules } from './diagnose.ts';
export { severities, type DiagnosedRun, type Finding, type Found, type Rule, type Severity } from './finding.ts';
export { defaultThresholds, thresholdsWith, thresholdTable, type Thresholds } from './thresholds.ts';
