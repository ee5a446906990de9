import type { StepContext } from '../../base/progress.ts';
import type { ImageShape } from '../images/image-options.ts';
import type { UnpackedImages } from '../images/store-of.ts';
import type { Offer } from '../fetch-offer.ts';

/** A published data set in its own files. */
export interface NamedDataset {
  /** As the command line calls it, and its folder in the cache. */
  name: string;
  /** As people call it. */
  title: string;
  description: string;
  classes: readonly string[];
  shape: ImageShape;
  trainImages: number;
  validationImages: number;
  /** What a person may name with --source. */
  remedy: string;
  offers: (env: NodeJS.ProcessEnv) => readonly Offer[];
  /**
   * Reads the published files, from the folder or archive that holds them all or one by one.
   * @throws DeepviewError exit code 4 where they are not those of the data set; `cancelled`
   */
  read: (
    paths: readonly string[],
    context: StepContext,
  ) => Promise<Pick<UnpackedImages, 'classes' | 'shape' | 'parts'>>;
}
