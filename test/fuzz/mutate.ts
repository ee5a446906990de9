import type { Random } from '../../src/engine/base/random.ts';

const bytesOfInterest = [0, 1, 0x1b, 0x22, 0x2c, 0x7b, 0x7f, 0x80, 0xc0, 0xff];
const numbersOfInterest = [
  0n,
  1n,
  0x7fffn,
  0xffffn,
  0x7fff_ffffn,
  0xffff_ffffn,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
];
const tokens = [
  ...['-1', '0', '1', '0.5', '1e308', '1e999', '-1e-300', '4294967296', '9007199254740993', '18446744073709551616'],
  ...['null', 'true', '[]', '{}', '""', '"NaN"', '"../../../../etc/passwd"', '"__proto__"', '"\\u001b]0;x\\u0007"'],
  ...['"\\ud800"', '"\\u0000"', `"${'a'.repeat(5000)}"`, '[[[[[[[[]]]]]]]]', `${'['.repeat(3000)}${']'.repeat(3000)}`],
];

export interface Damaged {
  bytes: Buffer;
  /** Whether it has lost its end, and nothing else. */
  isCut: boolean;
}

export const pick = <T>(random: Random, from: readonly T[]): T => from[random.next() % from.length];

/** A copy of a file with one to four kinds of damage, which a disk, a connection, a person or somebody hostile does to it. */
export function damage(sound: Buffer, random: Random): Damaged {
  let bytes = Buffer.from(sound);
  const isText = !sound.subarray(0, 4096).includes(0) && /^\s*[[{]/.test(sound.toString('latin1', 0, 64));
  const times = 1 + (random.next() % 8 === 0 ? random.next() % 4 : 0);
  for (let time = 0; time < times; time++)
    bytes = isText && random.next() % 3 > 0 ? inText(bytes, random) : once(bytes, random);
  return { bytes, isCut: bytes.length < sound.length && sound.subarray(0, bytes.length).equals(bytes) };
}

function once(bytes: Buffer<ArrayBuffer>, random: Random): Buffer<ArrayBuffer> {
  // Headers are where most goes wrong.
  const within = random.next() % 2 === 0 ? Math.min(bytes.length, 256) : bytes.length;
  const at = within === 0 ? 0 : random.next() % within;
  const length = 1 + (random.next() % 2 === 0 ? random.next() % 8 : random.next() % Math.max(1, bytes.length - at));
  const rest = bytes.subarray(Math.min(bytes.length, at + length));
  switch (random.next() % 9) {
    case 0:
      if (at < bytes.length) bytes[at] ^= 1 << (random.next() % 8);
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = pick(random, bytesOfInterest);
      return bytes;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), rest]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at, at + length), rest]);
    case 5:
      return Buffer.concat([bytes.subarray(0, at), noise(random, length % 64), bytes.subarray(at)]);
    case 6:
      return numberIn(bytes, at, random);
    case 7:
      noise(random, Math.min(length, 64, bytes.length - at)).copy(bytes, at);
      return bytes;
    default:
      bytes.fill(0, at, Math.min(bytes.length, at + length));
      return bytes;
  }
}

const noise = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.next() & 255));

function numberIn(bytes: Buffer<ArrayBuffer>, at: number, random: Random): Buffer<ArrayBuffer> {
  const size = pick(random, [2, 4, 8]);
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(pick(random, numbersOfInterest));
  const part = value.subarray(0, size);
  if (random.next() % 2 === 0) part.reverse();
  part.copy(bytes, at);
  return bytes;
}

/** Puts another value, or none, in the place of one of a JSON text. */
function inText(bytes: Buffer<ArrayBuffer>, random: Random): Buffer<ArrayBuffer> {
  const text = bytes.toString();
  const values = [...text.matchAll(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|"(?:[^"\\]|\\.)*"|true|false|null|[[\]{},:]/gi)];
  if (values.length === 0) return once(bytes, random);
  const [value] = [pick(random, values)];
  const other = random.next() % 6 === 0 ? '' : random.next() % 4 === 0 ? pick(random, values)[0] : pick(random, tokens);
  return Buffer.from(text.slice(0, value.index) + other + text.slice(value.index + value[0].length));
}
