/** How far a long step is. `total` is absent while it is unknown. */
export interface Progress {
  /** What is being done, as a short phrase in the present tense: `downloading CIFAR-10`. */
  label: string;
  done: number;
  total?: number;
  unit: 'bytes' | 'items';
  /** Units a second, averaged over the last seconds. */
  rate?: number;
  /** Estimated seconds to the end. */
  secondsLeft?: number;
}

/** What a long step needs from its caller: somewhere to report to, and a way to be cancelled. */
export interface StepContext {
  onProgress: (progress: Progress) => void;
  /** One line a person should read: what could not be had, and what happens instead. */
  onNotice: (notice: string) => void;
  signal: AbortSignal;
}
