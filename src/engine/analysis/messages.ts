/** What is said to the analysis worker, and what it answers: plain data, by structured clone. */
import type { ErrorReport, ExitCode } from '../base/errors.ts';
import type { NeuronMetrics, Samples } from '../metrics/index.ts';

export interface MetricsRequest {
  type: 'metrics';
  id: number;
  layers: Samples[];
  /** The class of each image, where that is known. */
  labels?: ArrayLike<number>;
  /** Ids; by default all that can be computed. */
  wanted?: readonly string[];
}

export type AnalysisRequest = MetricsRequest;

export type AnalysisAnswer =
  | { type: 'metrics'; id: number; layers: NeuronMetrics[]; seconds: number }
  | { type: 'error'; id: number; error: ErrorReport & { exitCode: ExitCode } };
