import { limits } from './limits.ts';

// C0, DEL, C1, line and paragraph separators, bidirectional overrides and isolates, zero-width characters, byte-order mark, tags.
const unprintable =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/**
 * A name from outside made safe to show: what could steer a terminal or hide text becomes `\u{fffd}`,
 * and a long name is cut with an ellipsis.
 * @param maximum characters kept
 */
export function printable(text: string, maximum: number = limits.nameLength): string {
  const clean = text.replace(unprintable, '\ufffd');
  const characters = Array.from(clean.slice(0, maximum * 2 + 2));
  return characters.length > maximum ? `${characters.slice(0, maximum - 1).join('')}…` : clean;
}
