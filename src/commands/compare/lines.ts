import type { Band } from '../../engine/analysis/comparison/compared-runs.ts';
import { formatDuration } from '../../engine/base/progress.ts';
import { printable } from '../../engine/base/printable.ts';
import { figure } from '../../engine/metrics/index.ts';
import { formatTable } from '../common.ts';
import type { Comparison } from './comparison.ts';

/** A comparison for people. */
export function comparisonLines(compared: Comparison): string[] {
  const parts = [
    sideLines(compared),
    settingLines(compared),
    scalarLines(compared),
    layerLines(compared),
    neuronLines(compared),
    compared.leftOut.map((text) => printable(text, 1000)),
  ];
  return parts.filter((lines) => lines.length > 0).flatMap((lines, place) => (place === 0 ? lines : ['', ...lines]));
}

const sideLines = ({ sides }: Comparison): string[] =>
  formatTable(
    sides.map(({ name, runs, clock, record }) => {
      const [{ network, dataset, state }] = runs;
      const what = dataset === null ? network : `${network} on ${dataset}`;
      const seeds = runs.length > 1 ? `${runs.length} seeds: ` : '';
      return [
        name,
        printable(seeds + runs.map(({ id }) => id).join(', '), 1000),
        `${printable(what, 80)}, ${clock} ${record}, ${state}`,
      ];
    }),
  );

const settingLines = ({ sides, settings }: Comparison): string[] =>
  settings.length === 0
    ? ['No setting differs.']
    : formatTable([
        ['setting', ...sides.map(({ name }) => name)],
        ...settings.map(({ name, values }) => [name, ...values.map((value) => printable(value, 60) || '-')]),
      ]);

const valueText = (value: number, unit: string): string =>
  unit === 'share' ? `${(100 * value).toFixed(2)} %` : figure(value);

/** `0.31`, of several runs `0.31 (0.29..0.35)`. */
const bandText = (band: Band | null | undefined, text: (value: number) => string): string => {
  if (!band) return '-';
  const { median, low, high } = band;
  return low === high ? text(median) : `${text(median)} (${text(low)}..${text(high)})`;
};

const signedText = (value: number | null, text: (value: number) => string): string =>
  value === null ? '-' : `${value > 0 ? '+' : ''}${text(value)}`;

/** A row a side: last and best, and how far the last is from the first side's. */
function scalarLines({ sides, scalars }: Comparison): string[] {
  const rows = scalars.flatMap(({ label, unit, values }) => {
    const text = (value: number): string => valueText(value, unit);
    const [first] = values;
    return values.map((value, side) => [
      side === 0 ? printable(label, 40) : '',
      sides[side].name,
      bandText(value?.last, text),
      side > 0 && value && first ? signedText(value.last.median - first.last.median, text) : '',
      value && 'best' in value ? bandText(value.best, text) : '',
      value && 'best' in value ? bandText(value.best?.at, String) : '',
    ]);
  });
  const speed = (label: string, of: (side: Comparison['sides'][number]) => string): string[][] =>
    sides.map((side, place) => [place === 0 ? label : '', side.name, of(side), '', '', '']);
  const table = [
    ['', '', 'last', `less ${sides[0].name}'s`, 'best', 'at'],
    ...rows,
    ...speed('time', ({ seconds }) => bandText(seconds, formatDuration)),
    ...speed('images a second', ({ imagesPerSecond }) => bandText(imagesPerSecond, (value) => value.toFixed(0))),
  ];
  return formatTable(table, [2, 3, 4, 5]);
}

const layerText = (layer: { index: number; name: string } | null): string =>
  layer === null ? '-' : `${layer.index} ${printable(layer.name, 40)}`;

const short = (value: number): string => value.toFixed(2);

/** The metric of each layer, and how like it the other side's layers are. */
function layerLines({ sides, metric, layers, similarity }: Comparison): string[] {
  const has = similarity !== undefined;
  const others = sides.slice(1);
  const [a, b] = sides;
  const head = [
    metric.label,
    ...others.map(({ name }) => `in ${name}`),
    a.name,
    ...others.flatMap(({ name }) => [name, `${name} - ${a.name}`]),
    ...(has ? ['CKA', `most alike in ${b.name}`, 'CKA'] : []),
  ];
  const rows = layers.map(({ layers: names, values, differences, ...alike }) => [
    layerText(names[0]),
    ...names.slice(1).map(layerText),
    bandText(values[0], figure),
    ...values.slice(1).flatMap((value, at) => [bandText(value, figure), signedText(differences[at + 1], figure)]),
    ...(has
      ? [
          'similarity' in alike && alike.similarity !== null ? short(alike.similarity) : '-',
          layerText('mostAlike' in alike ? alike.mostAlike : null),
          'mostAlike' in alike && alike.mostAlike ? short(alike.mostAlike.similarity) : '-',
        ]
      : []),
  ]);
  const first = sides.length;
  const count = 1 + 2 * others.length;
  const right = [...Array.from({ length: count }, (_, at) => first + at), first + count, first + count + 2];
  const note = similarity ? [`CKA: linear centred kernel alignment of ${similarityText(similarity)}.`] : [];
  return [...formatTable([head, ...rows], right), ...note];
}

const similarityText = ({ images, probe }: NonNullable<Comparison['similarity']>): string =>
  images === probe ? `${images} images` : `${images} of the ${probe} images`;

/** Each neuron of a layer with the one that stands for it. */
function neuronLines({ sides, neurons }: Comparison): string[] {
  if (!neurons) return [];
  const [a, b] = sides;
  const alone = (name: string, some: readonly number[]): string[] =>
    some.length > 0 ? [`Unmatched neurons of ${name}: ${some.join(', ')}`] : [];
  return [
    ...formatTable(
      [
        [`neuron of ${a.name}`, `of ${b.name}`, 'distance'],
        ...neurons.pairs.map((pair) => [pair.a, pair.b, figure(pair.distance)]),
      ],
      [0, 1, 2],
    ),
    ...alone(a.name, neurons.onlyA),
    ...alone(b.name, neurons.onlyB),
  ];
}
