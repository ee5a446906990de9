import { printable } from '../../engine/base/printable.ts';
import type {
  ImagePlace,
  Inspection,
  PartName,
  PartStatistics,
  Finding,
} from '../../engine/data/inspection/inspection.ts';
import type { Raster } from '../../imaging/cells/cells.ts';
import { bar, glyphsOf } from '../../views/theme/glyphs.ts';
import { grouped } from '../../views/text/numbers.ts';
import { fit, line, textWidth, wrapped, type Line, type Span } from '../../views/text/spans.ts';
import type { Theme } from '../../views/theme/theme.ts';
import { Page, type TileSize } from './page.ts';

/** A data set, what was found in it, and its pictures. */
export interface InspectedSet {
  name: string;
  classes: readonly string[];
  /** [height, width, channels] */
  imageShape: readonly [number, number, number];
  inspection: Inspection;
  /** Some images of a class in a part, from all over it; fewer where it has no more. */
  samplesOf: (part: PartName, label: number, count: number) => ImagePlace[];
  pictureOf: (place: ImagePlace) => Raster;
}

export interface ReportOptions {
  columns: number;
  theme: Theme;
  /** Whether images are drawn; counts, statistics and findings always are. */
  hasPictures: boolean;
  /** Whether images will be drawn in their own pixels. */
  hasPixels: boolean;
}

/** Classes that are listed, and those whose images are drawn; `--json` has all. */
const mostListed = 100;
const mostPictured = 20;
/** Groups of images that are drawn for a finding, and images of each. */
const mostGroups = 6;
const mostOfGroup = 2;

/** The whole report: what there is, each class with its images, means and deviations, and what is to be said against it. */
export function reportPage(set: InspectedSet, options: ReportOptions): Page {
  const page = new Page(options.columns);
  const { parts, sizes } = set.inspection;
  const [height, width, channels] = set.imageShape;
  const dot = ` ${glyphsOf(options.theme).separator} `;
  const about = [
    `${grouped(parts.train.images)} training and ${grouped(parts.validation.images)} validation images`,
    `${height}x${width} ${channels === 1 ? 'grey' : 'colour'}`,
    `${set.classes.length} classes`,
  ].join(dot);
  const name: Span = { text: ` ${printable(set.name)}`, token: 'title' };
  if (textWidth(name.text + dot + about) <= options.columns) page.add([name, { text: dot + about, token: 'muted' }]);
  else page.add([name], ...wrapped(about, options.columns - 1).map((text) => line(` ${text}`, 'muted')));
  page.add([]);
  addClasses(page, set, options);
  addStatistics(page, parts, sizes, set.imageShape);
  page.add([]);
  addFindings(page, set, options);
  return page;
}

/** Small where pixels are drawn; characters need more room to show anything. */
function tileFor({ columns, hasPixels }: ReportOptions): TileSize {
  if (hasPixels) return { columns: 8, rows: 4 };
  return columns >= 100 ? { columns: 12, rows: 6 } : { columns: 10, rows: 5 };
}

function addClasses(page: Page, set: InspectedSet, options: ReportOptions): void {
  const { theme, columns, hasPictures } = options;
  const { train, validation } = set.inspection.parts;
  const listed = set.classes.slice(0, mostListed);
  const names = listed.map((name) => printable(name));
  const nameWidth = Math.min(Math.max(5, ...names.map(textWidth)), Math.floor(columns / 3));
  const [trainWidth, validationWidth] = [train, validation].map((part, index) =>
    Math.max(['training', 'validation'][index].length, ...part.classCounts.map((count) => grouped(count).length)),
  );
  const room = columns - nameWidth - trainWidth - validationWidth - 8;
  const validationBar = Math.min(14, Math.max(2, Math.floor(room / 3)));
  const trainBar = Math.min(28, Math.max(2, room - validationBar));
  const glyphs = glyphsOf(theme);
  const most = [train, validation].map((part) => Math.max(1, ...part.classCounts));
  const meter = (count: number, most: number, width: number, token: 'train' | 'validation'): Span => ({
    text: bar(count / most, width, glyphs),
    token,
  });
  page.add([
    { text: ` ${fit('class', nameWidth)}  ${fit('training', trainWidth, 'right')} `, token: 'muted' },
    { text: `${' '.repeat(trainBar)}  ${fit('validation', validationWidth, 'right')}`, token: 'muted' },
  ]);
  const tile = tileFor(options);
  // Each part's images stand below its heading.
  const validationStart = nameWidth + trainWidth + trainBar + 6;
  const fitting = [validationStart - 2, columns - validationStart].map((wide) =>
    Math.max(1, Math.floor((wide + 1) / (tile.columns + 1))),
  );
  names.forEach((name, label) => {
    const [trained, validated] = [train.classCounts[label], validation.classCounts[label]];
    page.add([
      { text: ` ${fit(name, nameWidth)}  ${fit(grouped(trained), trainWidth, 'right')} ` },
      meter(trained, most[0], trainBar, 'train'),
      { text: `  ${fit(grouped(validated), validationWidth, 'right')} ` },
      meter(validated, most[1], validationBar, 'validation'),
    ]);
    if (!hasPictures || label >= mostPictured) return;
    const [ofTrain, ofValidation] = (['train', 'validation'] as const).map((part, at) =>
      set.samplesOf(part, label, fitting[at]).map(set.pictureOf),
    );
    page.tiles(
      [
        { column: 1, rasters: ofTrain },
        { column: validationStart, rasters: ofValidation },
      ],
      tile,
    );
  });
  const left = set.classes.length - listed.length;
  if (left > 0) page.add([{ text: ` and ${grouped(left)} classes more; --json has all`, token: 'muted' }]);
  page.add([]);
}

function addStatistics(
  page: Page,
  parts: Record<'train' | 'validation', PartStatistics>,
  sizes: Inspection['sizes'],
  [, , channels]: readonly [number, number, number],
): void {
  const names = channels === 3 ? ['red', 'green', 'blue'] : ['grey'];
  const numbers = (values: readonly number[]): string => values.map((value) => value.toFixed(1).padStart(6)).join('');
  const wide = 6 * names.length;
  page.add([
    {
      text: `${' '.repeat(12)}${fit('mean', wide, 'right')}   ${fit('deviation', Math.max(9, wide), 'right')}`,
      token: 'muted',
    },
    { text: `   of 0..255${channels === 3 ? ', red green blue' : ''}`, token: 'muted' },
  ]);
  for (const [name, { images, mean, deviation }] of [
    ['training', parts.train],
    ['validation', parts.validation],
  ] as const) {
    const text =
      images === 0 ? ' no images' : `${numbers(mean)}   ${fit(numbers(deviation), Math.max(9, wide), 'right')}`;
    page.add([{ text: ` ${fit(name, 11)}`, token: 'muted' }, { text }]);
  }
  const shown = sizes.slice(0, 5).map(({ height, width, images }) => `${height}x${width} (${grouped(images)})`);
  const rest = sizes.length - shown.length;
  page.add([
    { text: ` ${fit('sizes', 11)}`, token: 'muted' },
    { text: ` ${shown.join(', ')}${rest > 0 ? ` and ${grouped(rest)} more` : ''}` },
  ]);
}

function addFindings(page: Page, set: InspectedSet, options: ReportOptions): void {
  const { theme, columns, hasPictures } = options;
  const glyphs = glyphsOf(theme);
  const { findings, notes } = set.inspection;
  const text = (words: string, sign: Span, rest: Partial<Span> = {}): Line[] =>
    wrapped(words, Math.max(20, columns - 4)).map((part, index) => [
      index === 0 ? sign : { text: '   ' },
      { text: part, ...rest },
    ]);
  if (findings.length === 0) page.add([{ text: ` ${glyphs.done} `, token: 'live' }, { text: 'nothing to remark on' }]);
  for (const finding of findings) {
    page.add(...text(printable(finding.message, 1000), { text: ` ${glyphs.differs} `, token: 'warning' }));
    for (const example of evidenceOf(finding, set.classes)) {
      page.add(...text(example, { text: '   ' }, { token: 'muted' }));
    }
    if (!hasPictures || finding.images.length === 0) continue;
    const tile = tileFor(options);
    const groups = finding.images.slice(0, mostGroups).map((group) => twins(group).map(set.pictureOf));
    page.tiles(page.beside(groups, tile, 3), tile);
  }
  for (const note of notes)
    page.add(...text(note, { text: ` ${glyphs.separator} `, token: 'muted' }, { token: 'muted' }));
}

/** Two of a group: one of each part where it has both. */
function twins(group: readonly ImagePlace[]): ImagePlace[] {
  const [first, ...others] = group;
  const other = others.find(({ part }) => part !== first.part) ?? others[0];
  return (other === undefined ? [first] : [first, other]).slice(0, mostOfGroup);
}

/** Lines of evidence, and images or names on one. */
const mostLines = 5;
const mostOnLine = 8;

/** What shows a finding, a line an example: the images that belong together, or names. */
function evidenceOf(finding: Finding, classes: readonly string[]): string[] {
  const { images, names } = finding;
  const sign = finding.code === 'near-duplicates' ? ' ~ ' : ' = ';
  const lines = images.slice(0, mostLines).map((group) => groupText(group, classes, sign));
  if (images.length > mostLines) lines.push(`and ${images.length - mostLines} more (--json has them)`);
  if (names.length > 0) {
    // Files come with a reason each, classes do not.
    if (finding.code === 'corrupt-files') {
      lines.push(...names.slice(0, mostLines).map((name) => printable(name, 500)));
      if (names.length > mostLines) lines.push(`and ${names.length - mostLines} more (--json has them)`);
    } else lines.push(listed(names.map((name) => printable(name))));
  }
  return lines;
}

/** `training 12, 40 (cat) = validation 3 (dog)` */
function groupText(group: readonly ImagePlace[], classes: readonly string[], sign: string): string {
  const texts = new Map<string, string[]>();
  for (const { part, index, label, file } of group) {
    const key = `${part} ${label}`;
    const name = file === undefined ? String(index) : printable(file, 200);
    texts.set(key, [...(texts.get(key) ?? []), name]);
  }
  return [...texts]
    .map(([key, members]) => {
      const [part, label] = key.split(' ');
      const name = printable(classes[Number(label)] ?? label);
      return `${part === 'train' ? 'training' : 'validation'} ${listed(members)} (${name})`;
    })
    .join(sign);
}

function listed(words: readonly string[]): string {
  const rest = words.length - mostOnLine;
  return words.slice(0, mostOnLine).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
