import type { PassedOver, Remark } from '../store/store-format.ts';
import { mostShown, type Finding, type FindingCode, type ImagePlace, type PartStatistics } from './inspection.ts';

/** The largest class may have this many times the training images of the smallest without being remarked on. */
const mostImbalance = 3;

/** What was seen in the images; findings are made of it. */
export interface Observations {
  classes: readonly string[];
  train: PartStatistics;
  validation: PartStatistics;
  /** Groups of images with the same pixels. */
  duplicates: readonly (readonly ImagePlace[])[];
  /** Groups of images that are nearly the same; of equal ones the first stands for all. */
  nearDuplicates: readonly (readonly ImagePlace[])[];
  constant: readonly ImagePlace[];
  corrupt: PassedOver;
  /** What reading them had to say. */
  remarks: readonly Remark[];
}

/** All that is to be said of a data set, the gravest first. */
export function findingsOf(seen: Observations): Finding[] {
  return [
    ...seen.remarks.map(remarked),
    corruptFiles(seen),
    emptyClasses(seen),
    leaked(seen),
    disagreeing(seen),
    duplicated(seen),
    nearlyDuplicated(seen),
    imbalanced(seen),
    constant(seen),
  ].filter((finding) => finding !== undefined);
}

/** Where images may not be what they were taken for, nothing else that is said of them counts. */
const remarked = ({ code, message, count, names }: Remark): Finding | undefined =>
  code === 'note' ? undefined : finding(code, count, message, { names });

/** `1 image`, `5 000 images` */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${String(count).replace(/\B(?=(\d{3})+$)/g, ' ')} ${count === 1 ? one : many}`;

function finding(
  code: FindingCode,
  count: number,
  message: string,
  { images = [], names = [] }: { images?: readonly (readonly ImagePlace[])[]; names?: readonly string[] | undefined },
): Finding | undefined {
  if (count === 0) return undefined;
  return {
    code,
    message,
    count,
    images: images.slice(0, mostShown).map((group) => group.slice(0, mostShown)),
    names: names.slice(0, mostShown),
  };
}

const isIn = (part: ImagePlace['part'], group: readonly ImagePlace[]): ImagePlace[] =>
  group.filter((place) => place.part === part);

const isAcross = (group: readonly ImagePlace[]): boolean =>
  isIn('train', group).length > 0 && isIn('validation', group).length > 0;

/** Images more than there would be if each group had one. */
const superfluous = (groups: readonly (readonly ImagePlace[])[]): number =>
  groups.reduce((sum, group) => sum + group.length - 1, 0);

function leaked({ duplicates }: Observations): Finding | undefined {
  const groups = duplicates.filter(isAcross);
  const count = groups.reduce((sum, group) => sum + isIn('validation', group).length, 0);
  const what = `${counted(count, 'validation image')} ${count === 1 ? 'is a training image' : 'are training images'} too`;
  return finding('validation-in-training', count, `${what}: the network has seen what it is measured on.`, {
    images: groups,
  });
}

function duplicated({ duplicates }: Observations): Finding | undefined {
  const groups = duplicates
    .flatMap((group) => [isIn('train', group), isIn('validation', group)])
    .filter((group) => group.length > 1);
  const count = superfluous(groups);
  const what = `${counted(count, 'image')} ${count === 1 ? 'repeats another' : 'repeat others'} of the same part`;
  return finding('duplicates', count, `${what}, pixel by pixel: they count more than once.`, { images: groups });
}

function nearlyDuplicated({ nearDuplicates }: Observations): Finding | undefined {
  const count = superfluous(nearDuplicates);
  const across = nearDuplicates.filter(isAcross);
  const leakedCount = across.reduce((sum, group) => sum + isIn('validation', group).length, 0);
  const repeat = leakedCount === 1 ? 'repeats' : 'repeat';
  const leak =
    leakedCount === 0
      ? ''
      : `; ${counted(leakedCount, 'validation image')} among them nearly ${repeat} training images`;
  const what = `${counted(count, 'image')} ${count === 1 ? 'is nearly the same as another' : 'are nearly the same as others'}`;
  // Those across parts first: they are the ones that change what is measured.
  const images = [...across, ...nearDuplicates.filter((group) => !isAcross(group))];
  return finding('near-duplicates', count, `${what}${leak}.`, { images });
}

function disagreeing({ duplicates }: Observations): Finding | undefined {
  const groups = duplicates.filter((group) => group.some(({ label }) => label !== group[0].label));
  const what = counted(groups.length, 'picture');
  const message = `${what} ${groups.length === 1 ? 'is' : 'are'} in more than one class: no prediction for ${
    groups.length === 1 ? 'it' : 'them'
  } can be right.`;
  return finding('classes-disagree', groups.length, message, { images: groups });
}

function imbalanced({ classes, train }: Observations): Finding | undefined {
  const counts = train.classCounts;
  const most = Math.max(...counts);
  const filled = counts.filter((count) => count > 0);
  const least = filled.length > 0 ? Math.min(...filled) : most;
  if (most <= mostImbalance * least) return undefined;
  const small = classes.filter((_, label) => counts[label] > 0 && mostImbalance * counts[label] < most);
  const [largest, smallest] = [most, least].map((count) => classes[counts.indexOf(count)]);
  const ratio = (most / least).toFixed(1);
  const message =
    `The largest class has ${ratio} times the training images of the smallest: ${largest} ` +
    `${counted(most, 'image')}, ${smallest} ${counted(least, 'image')} (more than ${mostImbalance} times is remarked on).`;
  return finding('imbalance', small.length, message, { names: small });
}

function emptyClasses({ classes, train, validation }: Observations): Finding | undefined {
  const lacking = classes.flatMap((name, label) => {
    const where = [train, validation].map((part) => part.classCounts[label] === 0);
    if (where[0] && where[1]) return [`${name} (no images at all)`];
    if (where[0]) return [`${name} (no training images)`];
    return where[1] ? [`${name} (no validation images)`] : [];
  });
  const message = `${counted(lacking.length, 'class', 'classes')} ${
    lacking.length === 1 ? 'lacks' : 'lack'
  } images: what is not there can be neither learnt nor measured.`;
  return finding('empty-classes', lacking.length, message, { names: lacking });
}

function constant({ constant: images }: Observations): Finding | undefined {
  const what = `${counted(images.length, 'image')} ${images.length === 1 ? 'is' : 'are'} of one colour`;
  return finding(
    'constant-images',
    images.length,
    `${what}: nothing can be seen in ${images.length === 1 ? 'it' : 'them'}.`,
    {
      images: images.map((image) => [image]),
    },
  );
}

function corruptFiles({ corrupt }: Observations): Finding | undefined {
  const what = `${counted(corrupt.count, 'file')} cannot be read`;
  const them = corrupt.count === 1 ? 'it' : 'them';
  return finding(
    'corrupt-files',
    corrupt.count,
    `${what}; training refuses ${them} unless --skip-corrupt leaves ${them} out.`,
    {
      names: corrupt.files.map(({ file, why }) => `${file} is ${why}`),
    },
  );
}
