/** JSON with values that are not finite, which JSON has no numbers for: they are the texts NaN, Infinity and -Infinity. */

import { harmlessJson } from './printable.ts';

/** A value as JSON in which numbers that are not finite are texts, at any depth; it is safe to print. */
export const toJson = (value: unknown): string =>
  harmlessJson(
    JSON.stringify(value, (_, one: unknown) => (typeof one === 'number' && !Number.isFinite(one) ? String(one) : one)),
  );

/** Python's json module writes such values bare. @returns JSON in which they are the texts */
export const quotedNonFinite = (text: string): string =>
  /NaN|Infinity/.test(text)
    ? text.replaceAll(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (found) => (found.startsWith('"') ? found : `"${found}"`))
    : text;
