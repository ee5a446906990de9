import { misuse } from '../../base/errors.ts';
import type { Matrices } from '../../base/matrices.ts';
import type { Paths } from '../../base/paths.ts';
import type { Preparation } from '../../base/preparations.ts';
import type { StepContext } from '../../base/progress.ts';
import type { ImageSet, Parts } from '../dataset.ts';
import type { RawImages } from '../raw-images.ts';
import { scaleImages, standardiseImages } from './channels.ts';
import { normaliseContrast } from './contrast.ts';
import { whitenImages } from './whitened-cache.ts';

/** Training images for each value of an image: fewer do not tell how the values vary together. */
const leastPerValue = 5;

export interface PreparationOptions {
  /** Channels of the images, [H, W, C]. */
  channels: number;
  /** What the network was designed for; whitening gives way to `contrast` where it is not possible, with a notice. */
  suggested: Preparation;
  /** What the user asked for, and gets. */
  asked?: Preparation | undefined;
  /** Of the data set, by which what is kept of it is listed. */
  name?: string | undefined;
  paths: Paths;
  context: StepContext;
  /** The engine's linear algebra; without it nothing is whitened. */
  matrices?: (() => Promise<Matrices>) | undefined;
}

/**
 * Prepares a data set. The statistics are those of the images trained on.
 * @returns the images as the network sees them, and what was done
 * @throws DeepviewError `cannot-whiten` (usage) if whitening was asked for by name, `cancelled`, and what keeping
 *   whitened images throws
 */
export async function prepareImages(
  parts: Parts<RawImages>,
  { channels, suggested, asked, name, paths, context, matrices }: PreparationOptions,
): Promise<Parts<ImageSet> & { preparation: Preparation }> {
  const preparation = asked ?? suggested;
  if (preparation === 'scale') return { preparation, ...scaleImages(parts) };
  if (preparation === 'standardise') return { preparation, ...(await standardiseImages(parts, channels, context)) };
  const contrasted = await normaliseContrast(parts, context);
  if (preparation === 'contrast') return { preparation, ...contrasted };
  const algebra = await matrices?.();
  const obstacle = obstacleTo(parts.train, algebra, asked !== undefined);
  if (algebra && obstacle === undefined) {
    return { preparation, ...(await whitenImages(parts, contrasted, { name, paths, context, algebra })) };
  }
  if (asked !== undefined) {
    throw misuse('cannot-whiten', `The images cannot be whitened: ${obstacle ?? ''}.`, 'Use --preparation contrast.');
  }
  context.onNotice(`images are not whitened: ${obstacle}`);
  return { preparation: 'contrast', ...contrasted };
}

/** Why these images cannot, or by themselves should not, be whitened. */
function obstacleTo(
  { count, imageSize }: RawImages,
  algebra: Matrices | undefined,
  asked: boolean,
): string | undefined {
  if (!algebra) return 'no engine is at hand';
  if (imageSize > algebra.largest) {
    return `this engine does so for up to ${algebra.largest} values, and an image has ${imageSize}`;
  }
  if (asked || count >= leastPerValue * imageSize) return undefined;
  return `${count} of them are too few to tell how their ${imageSize} values vary together`;
}
