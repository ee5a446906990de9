/** What is said to the analysis worker, and what it answers: plain data, by structured clone. */
import type { ErrorReport, ExitCode } from '../base/errors.ts';
import type { NeuronMetrics, Samples } from '../metrics/index.ts';

/** A layer's samples, and its name for messages. */
export interface LayerSamples {
  samples: Samples;
  /** `layer 4 (relu1)` */
  origin?: string;
}

export interface MetricsRequest {
  type: 'metrics';
  id: number;
  layers: LayerSamples[];
  /** The class of each image. */
  labels: ArrayLike<number>;
  epoch?: number;
}

export type AnalysisRequest = MetricsRequest;

export type AnalysisAnswer =
  | { type: 'metrics'; id: number; layers: NeuronMetrics[]; seconds: number }
  | { type: 'error'; id: number; error: ErrorReport & { exitCode: ExitCode } };
