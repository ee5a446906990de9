/** How far a long step is. `total` is absent while it is unknown. */
export interface Progress {
  /** What is being done, as a short phrase in the present tense: `downloading CIFAR-10`. */
  label: string;
  done: number;
  total?: number;
  /** `seconds`: nobody can tell how far the step is, only how long it has taken. */
  unit: 'bytes' | 'items' | 'seconds';
  /** With `seconds`: about how many the whole step takes, by experience. */
  expected?: number;
  /** Units a second, averaged over the last seconds. */
  rate?: number;
  /** Estimated seconds to the end. */
  secondsLeft?: number;
}

/** `4 s of about 12 s`, of a step that only its seconds are known of. */
export function secondsInWords({ done, total, expected }: Progress): string {
  const whole = (seconds: number): string => `${Math.round(seconds)} s`;
  if (total !== undefined || expected === undefined) return whole(done);
  const about = Math.max(1, expected);
  return done < about
    ? `${whole(done)} of about ${whole(about)}`
    : `${whole(done)}; about ${whole(about)} were expected`;
}

/** What a long step needs from its caller: somewhere to report to, and a way to be cancelled. */
export interface StepContext {
  onProgress: (progress: Progress) => void;
  /** One line a person should read: what could not be had, and what happens instead. */
  onNotice: (notice: string) => void;
  signal: AbortSignal;
}
