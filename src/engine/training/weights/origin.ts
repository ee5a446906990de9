import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';

/** Which file a run's weights came from. */
export interface WeightsOrigin {
  /** Its name, without where it was. */
  file: string;
  /** Of its content, in hexadecimal digits; of a Keras model's model.json with its files of weights behind it. */
  sha256: string;
}

const mostNamed = 8;

/** The first few of a list of problems or names, and how many more there are. */
export function some(words: readonly string[], between = ', '): string {
  const shown = words.slice(0, mostNamed).map((word) => printable(word));
  return words.length > mostNamed
    ? `${shown.join(between)}${between}and ${words.length - mostNamed} more`
    : shown.join(between);
}

/** An error about a file of weights: code `wrong-weights`, exit code 4. */
export const wrong = (path: string, problem: string): DeepviewError =>
  new DeepviewError('wrong-weights', `${printable(path, 1000)}: ${problem}`, {
    hint: 'docs/weights.md says how weights are named and laid out.',
    exitCode: exitCodes.unreadable,
  });
