import { setImmediate as nextTurn } from 'node:timers/promises';
import { ProgressMeter, type StepContext } from '../../base/progress.ts';
import type { RawImages } from '../raw-images.ts';

export type PassContext = Pick<StepContext, 'onProgress' | 'signal'>;

/** Images between two looks at the caller's signal; fewer of large ones, which must not all be in memory. */
const stride = 1000;
const strideBytes = 16 * 2 ** 20;

/** Goes over images in pieces; in between, progress is told, others have a turn, and a cancelled step ends. */
export class Passes {
  readonly #meter: ProgressMeter;

  /**
   * @param label what is being done: `preparing images`
   * @param total images of all passes together
   */
  constructor(label: string, total: number, context: PassContext) {
    this.#meter = new ProgressMeter({ label, unit: 'items', total, ...context });
  }

  /** @throws DeepviewError `cancelled`, or what `work` threw */
  async over(
    images: Pick<RawImages, 'count'> & Partial<Pick<RawImages, 'imageSize'>>,
    work: (from: number, to: number) => void | Promise<void>,
  ): Promise<void> {
    const step = Math.max(1, Math.min(stride, Math.floor(strideBytes / (images.imageSize ?? 1))));
    for (let from = 0; from < images.count; from += step) {
      const to = Math.min(from + step, images.count);
      await work(from, to);
      await nextTurn();
      this.#meter.advance(to - from);
    }
  }

  finish(): void {
    this.#meter.finish();
  }
}
