import type { Remark } from '../store/store-format.ts';

/** The parts of a data set. */
export type PartName = 'train' | 'validation';
export const partNames: readonly PartName[] = ['train', 'validation'];

/** One image of a data set. */
export interface ImagePlace {
  part: PartName;
  /** Its number in that part, from 0. */
  index: number;
  /** Its class's number. */
  label: number;
  /** The file that it was read from, where images have files of their own. */
  file?: string;
}

/** What one part holds. */
export interface PartStatistics {
  images: number;
  /** Images of each class. */
  classCounts: number[];
  /** Mean and standard deviation of all pixels, 0..255, one per channel; empty for a part without images. */
  mean: number[];
  deviation: number[];
}

/** What there may be to say against a data set. */
export type FindingCode =
  | Exclude<Remark['code'], 'note'>
  | 'validation-in-training'
  | 'duplicates'
  | 'near-duplicates'
  | 'classes-disagree'
  | 'imbalance'
  | 'empty-classes'
  | 'constant-images'
  | 'corrupt-files';

/** One thing that is to be said, with what shows it. */
export interface Finding {
  code: FindingCode;
  /** What is the matter and what it does: one line. */
  message: string;
  /** Images or classes that it concerns. */
  count: number;
  /** Images that show it, those that belong together in one list; at most `mostShown` lists. */
  images: ImagePlace[][];
  /** Names of classes or files that show it; at most `mostShown`. */
  names: string[];
}

/** Examples that a finding keeps: enough for programs, and bounded for sets that are all alike. */
export const mostShown = 1000;

/** A data set as it was found. */
export interface Inspection {
  parts: Record<PartName, PartStatistics>;
  /** Sizes of the images as they were stored, the most frequent first. */
  sizes: { height: number; width: number; images: number }[];
  findings: Finding[];
  /** What could not be looked into, and what was taken for granted, a line each. */
  notes: string[];
}
