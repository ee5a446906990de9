import type { ExplorationAnswer, LayerSimilarities } from '../../engine/analysis/questions/messages.ts';
import {
  layerRows,
  scalarRows,
  settingRows,
  speedOf,
  type Band,
  type LayerRow,
  type Side,
} from '../../engine/analysis/comparison/compared-runs.ts';
import type { Paths } from '../../engine/base/paths.ts';
import { describeMetric, describeScalar } from '../../engine/metrics/index.ts';
import { toldName, type LayerRecord } from '../../engine/run/index.ts';
import { placeNamed } from '../run-place.ts';
import { answersTo } from '../show-answers.ts';

const layerOf = ({ runs }: Side, place: number): LayerRecord => runs[0].header.network.layers[place];

const lastOf = ({ runs }: Side): number => runs[0].records.at(-1)!.number;

/** What `compare --json` prints; docs/json.md says what its fields mean. */
export async function comparison(
  sides: readonly Side[],
  { metric, layer }: { metric: string; layer: string | undefined },
  paths: Paths,
) {
  const rows = layerRows(sides, metric);
  const [a, b] = sides;
  const named = layer === undefined ? undefined : placeNamed(a.runs[0].header.network.layers, layer).layer;
  const partner = named && rows.find(({ places }) => places[0] === named.index - 1)?.places[1];
  const other = { directory: b.runs[0].directory, epoch: lastOf(b) };
  const requests = [
    { type: 'similarities' as const, epoch: lastOf(a), other },
    ...(named && partner !== undefined
      ? [{ type: 'matches' as const, layer: named.index, epoch: lastOf(a), other: { ...other, layer: partner + 1 } }]
      : []),
  ];
  const answers = await answersTo(requests, a.runs[0].directory, paths);
  // What a comparison that failed told on its way has nothing in it, and its reason says all.
  const isRefused = answers.some((answer) => answer.type === 'unavailable' && answer.about === 'similarities');
  const alike = isRefused ? undefined : answers.findLast((answer) => answer.type === 'similarities')?.similarities;
  const matches = answers.findLast((answer) => answer.type === 'matches')?.matches;
  const { id, symbol, label, unit } = describeMetric(metric, a.runs[0].header);
  return {
    format: 1 as const,
    sides: sides.map((side) => ({ ...sideJson(side), ...speedOf(side) })),
    settings: settingRows(sides),
    scalars: scalarRows(sides).map(({ tag, values }) => {
      const { label: name, split, unit: counts, better } = describeScalar(tag, a.runs[0].header);
      const words = [name, split].filter(Boolean).join(' ');
      return { tag, label: words, unit: counts, ...(better && { better }), values: values.map((one) => one ?? null) };
    }),
    metric: { id, symbol, label, unit },
    layers: rows.map((row) => layerJson(row, sides, alike)),
    ...(alike && {
      similarity: {
        ...{ epochs: [alike.epoch, alike.other.epoch], images: alike.images, probe: alike.probe },
        values: matrixOf(alike.values, layersOf(a), layersOf(b)),
      },
    }),
    ...(matches && {
      neurons: {
        layers: [matches.layer, matches.other.layer],
        ...{ pairs: matches.pairs, onlyA: matches.onlyA, onlyB: matches.onlyB },
      },
    }),
    leftOut: [
      ...leftOutOf(sides, rows),
      ...(named && partner === undefined
        ? [`Layer ${named.index} of A matches no layer of B: its neurons are left out.`]
        : []),
      ...answers.flatMap(reasonOf),
      ...(alike?.leftOut ?? []).map((reason) => `Similarity of layers: ${reason}.`),
      ...(matches?.leftOut ?? []),
    ],
  };
}

export type Comparison = Awaited<ReturnType<typeof comparison>>;

const layersOf = ({ runs }: Side): number => runs[0].header.network.layers.length;

const sideJson = (side: Side) => ({
  name: side.name,
  clock: side.runs[0].header.clock,
  record: lastOf(side),
  runs: side.runs.map(({ header, state }) => ({
    ...{ id: header.id, network: header.network.name, dataset: toldName(header.dataset) ?? null, state },
  })),
});

/** What layers are, on each side, and how they compare. */
function layerJson({ places, values }: LayerRow, sides: readonly Side[], alike: LayerSimilarities | undefined) {
  const [one, other] = places;
  const columns = layersOf(sides[1]);
  const row = alike && one !== undefined ? alike.values.subarray(one * columns, (one + 1) * columns) : undefined;
  return {
    layers: places.map((place, side) => (place === undefined ? null : named(layerOf(sides[side], place)))),
    values: values.map((value) => value ?? null),
    /** Of each side's median less that of the first. */
    differences: values.map((value) => difference(value, values[0])),
    ...(row && {
      similarity: finiteOr(other === undefined ? Number.NaN : row[other]),
      mostAlike: mostAlike(row, sides[1]),
    }),
  };
}

const named = ({ index, name, kind, units }: LayerRecord) => ({ index, name, kind, units });

const difference = (value: Band | undefined, from: Band | undefined): number | null =>
  value && from ? value.median - from.median : null;

const finiteOr = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** The layer of the second side that is most like one of the first. */
function mostAlike(row: Float64Array, side: Side) {
  let best = -1;
  row.forEach((value, place) => {
    if (!Number.isNaN(value) && !(value <= row[best])) best = place;
  });
  return best < 0 ? null : { index: best + 1, name: layerOf(side, best).name, similarity: row[best] };
}

const matrixOf = (values: Float64Array, rows: number, columns: number): (number | null)[][] =>
  Array.from({ length: rows }, (_, row) => Array.from(values.subarray(row * columns, (row + 1) * columns), finiteOr));

/** What runs have not in common, and what follows from it. */
function leftOutOf(sides: readonly Side[], rows: readonly LayerRow[]): string[] {
  const classes = sides.map(({ runs }) => runs[0].header.dataset.classes.join());
  const several = sides.flatMap(({ name, runs }) => (runs.length > 1 ? name : []));
  const more = sides.slice(2).map(({ name }) => name);
  const single = rows.some(({ places }) => places.includes(undefined));
  return [
    ...(new Set(classes).size > 1 ? ['The runs have other classes: metrics of classes count other pairs.'] : []),
    ...(single ? ['Layers of one side alone stand by themselves.'] : []),
    ...(several.length > 0 ? [`Of ${several.join(', ')} layers and neurons of the first run alone are matched.`] : []),
    ...(more.length > 0 ? [`Similarity and neurons are those of A and B; ${more.join(', ')}: name them first.`] : []),
  ];
}

function reasonOf(answer: ExplorationAnswer): string[] {
  if (answer.type !== 'unavailable') return [];
  const what = answer.about === 'matches' ? 'Neurons are not matched' : 'Similarity of layers is left out';
  const { message, hint } = answer.error;
  return [`${what}: ${message}.${hint ? ` ${hint}` : ''}`];
}
