import { limits } from '../../base/limits.ts';
import { visibleNames } from '../../base/printable.ts';
import type { StepContext } from '../../base/progress.ts';
import type { ImageOptions } from './image-options.ts';
import type { Remark } from '../store/store-format.ts';

/** Labels that are classes' places, and what these are called. */
export interface NumberedClasses {
  classes: string[];
  /** [N] of each part, from 0. */
  labels: Uint16Array[];
  remarks: Remark[];
}

/**
 * Which classes numbers stand for. Without names they are called by their numbers; numbers that begin at 1, as MATLAB's
 * and EMNIST's do, are taken so, unless there is a name for 0 too.
 * @param given [N] of each part
 * @param refuse for a number that has no name, or is too large
 */
export function numberedClasses(
  given: readonly Uint16Array[],
  named: readonly string[] | undefined,
  refuse: (problem: string) => never,
): NumberedClasses {
  let [least, greatest] = [Infinity, 0];
  for (const part of given) {
    for (const label of part) {
      if (label < least) least = label;
      if (label > greatest) greatest = label;
    }
  }
  if (greatest >= limits.classes) refuse(`has a class ${greatest}; up to ${limits.classes} classes are read`);
  const first = least === 1 && greatest > 1 && (!named || named.length === greatest) ? 1 : 0;
  const names = named ?? Array.from({ length: greatest + 1 - first }, (_, place) => String(place + first));
  if (names.length + first <= greatest) refuse(`names ${names.length} classes, and an image has the class ${greatest}`);
  const classes = visibleNames(names);
  return {
    classes,
    labels: first === 0 ? [...given] : given.map((labels) => labels.map((label) => label - first)),
    remarks: [
      ...nameRemarks(names, classes),
      ...(first === 0 ? [] : [noteOf(`the classes count from 1 to ${greatest}: no image has the class 0`)]),
    ],
  };
}

/** What is to be said of classes that are shown by other names than they have. */
export function nameRemarks(names: readonly string[], classes: readonly string[]): Remark[] {
  const changed = classes.filter((name, label) => name !== names[label]);
  if (changed.length === 0) return [];
  const which = changed.length === 1 ? '1 class name has' : `${changed.length} class names have`;
  const shown = `${changed.slice(0, 3).join(', ')}${changed.length > 3 ? ', ...' : ''}`;
  const message = `${which} characters that cannot be seen or look like another one's: shown as ${shown}`;
  return [{ code: 'class-names', count: changed.length, message, names: changed }];
}

/** Tells of images to be trained on what reading them had to say; an inspection shows it with what else it finds. */
export function tellOf(
  remarks: readonly Remark[] = [],
  { isInspected }: Pick<ImageOptions, 'isInspected'>,
  { onNotice }: Pick<StepContext, 'onNotice'>,
): void {
  if (!isInspected) for (const { message } of remarks) onNotice(message);
}

/** What is told of images, and spoils nothing. */
export const noteOf = (message: string, count = 1): Remark => ({ code: 'note', message, count });
