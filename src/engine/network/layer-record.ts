import type { ReceptiveField } from './receptive-field.ts';

export type LayerKind = 'convolution' | 'dense' | 'normalisation' | 'activation' | 'pooling' | 'dropout' | 'other';

export interface LayerRecord {
  /** From 1, in the paper's counting; the loss, which is not in this list, would be the next. */
  index: number;
  /** Unique in its network: `conv1`, `pool1`, `relu1`, `conv2`. */
  name: string;
  /** What a person reads: `conv5-32`, `max-pool`, `relu`. */
  label: string;
  kind: LayerKind;
  /** Neurons: channels of a convolution, units of a dense layer. */
  units: number;
  /** Output of one image: [height, width, channels]. */
  shape: [number, number, number];
  parameters: number;
  receptiveField: ReceptiveField;
}
