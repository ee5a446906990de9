// Combining characters of class 230 without a decomposition. Hexadecimal; +n stands for the n that follow.
const ranges =
  '305 30d+1 310 312 33d+2 346 34a+2 350+2 357 35b 363+12 483+4 592+3 597+2 59c+5 5a8+1 5ab+1 5af 5c4 610+7 657+4 ' +
  '65d+1 6d6+6 6df+3 6e4 6e7+1 6eb+1 730 732+1 735+1 73a 73d 73f+2 743 745 747 749+1 7eb+6 7f3 816+3 81b+8 825+2 ' +
  '829+4 951 953+1 f82+1 f86+1 135d+2 17dd 193a 1a17 1a75+7 1b6b 1b6d+6 1cd0+2 1cda+1 1ce0 1dc0+1 1dc3+6 1dcb+1 ' +
  '1dd1+21 1dfe 20d0+1 20d4+3 20db+1 20e1 20e7 20e9 20f0 2cef+2 2de0+31 a66f a67c+1 a6f0+1 a8e0+17 aab0 aab2+1 ' +
  'aab7+1 aabe+1 aac1 fe20+6 10a0f 10a38 1d185+4 1d1aa+3 1d242+2';

/** Numbers 0..296 as combining characters, in the order of kitty's graphics protocol (rowcolumn-diacritics.txt). */
export const diacritics: readonly string[] = ranges.split(' ').flatMap((range) => {
  const [first, more = '0'] = range.split('+');
  return Array.from({ length: Number(more) + 1 }, (_, index) => String.fromCodePoint(parseInt(first, 16) + index));
});
