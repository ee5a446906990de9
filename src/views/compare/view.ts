import type { LayerRow, Side } from '../../engine/analysis/comparison/compared-runs.ts';
import { printable } from '../../engine/base/printable.ts';
import { describeScalar, figure } from '../../engine/metrics/index.ts';
import type { LayerRecord } from '../../engine/run/format.ts';
import type { Cell, Rectangle } from '../../imaging/cells/cells.ts';
import { formatFixed, niceTicks } from '../../imaging/charts/axis.ts';
import { levelCells, rangeOf, type Range } from '../../imaging/charts/heatmap.ts';
import { lineChart, type Series } from '../../imaging/charts/line-chart.ts';
import { divergingCells } from '../../imaging/colour/diverging.ts';
import { numbersBlock } from '../frame/chart.ts';
import { footerLine } from '../frame/footer.ts';
import type { Frame, TextBlock } from '../frame/frame.ts';
import { heatmapOverlay, labelRow } from '../frame/heatmap.ts';
import { part } from '../frame/layout.ts';
import { frameOf, plainBlock, reasonBlock, type Part } from '../frame/pane.ts';
import { slotStart, slotWidth, type EpochColumns } from '../frame/records.ts';
import { metricWords, valueText } from '../model/metrics.ts';
import type { ScreenState } from '../model/state.ts';
import { clamp } from '../model/steps.ts';
import { statusLine } from '../network/status.ts';
import { shortNames } from '../text/layer-names.ts';
import { decimalsFor } from '../text/numbers.ts';
import { firstFitting, fit, lineWidth, muted, placed, span, spread, type Line } from '../text/spans.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { styleOf, type Token } from '../theme/theme.ts';
import { chartsIn, compareLayoutOf, slotColumns, type CompareLayout, type MapAreas } from './layout.ts';
import { mapsIn, type ComparedMaps } from './maps.ts';
import { settingLines } from './settings.ts';
import {
  chartsOf,
  comparedParts,
  comparedSides,
  comparisonIn,
  recordMark,
  rowsOf,
  sideScalar,
  similarityIn,
  slotsIn,
  tokenOf,
  type ComparedSlots,
} from './state.ts';

/** What tells runs apart: their layers over the records, how alike the layers are, their curves, their settings. */
export function compareView(state: ScreenState): Frame {
  const layout = compareLayoutOf(state);
  const { part: shown } = comparisonIn(state);
  const parts = { layers: mapsPart, similarity: similarityPart, curves: curvesPart, settings: settingsPart };
  return frameOf(state.size, [shellPart(state, layout), parts[shown](state, layout)]);
}

const pairOf = (state: ScreenState): readonly [Side, Side] => {
  const { sides, other } = comparisonIn(state);
  return comparedSides(sides, other);
};

const layersOf = ({ runs }: Side): readonly LayerRecord[] => runs[0].header.network.layers;

/** `A 20260101-1200-lenet-k3x9`, of several runs how many seeds. */
function sideSpans(state: ScreenState, side: Side): Line {
  const { sides } = comparisonIn(state);
  const { header } = side.runs[0];
  const which = side.runs.length > 1 ? `${printable(header.network.name)}, ${side.runs.length} seeds` : header.id;
  return [span(` ${side.name} `, tokenOf(sides.indexOf(side))), span(printable(which, 60) + recordMark(sides, side))];
}

/** What is compared, and which part of it is shown. */
function shellPart(state: ScreenState, { header, status, footer }: CompareLayout): Part {
  const { sides, part: shown } = comparisonIn(state);
  const names = sides.flatMap((side): Line => [...sideSpans(state, side), span('  ')]);
  const tabs = comparedParts.map((name) => span(` ${name} `, name === shown ? 'selected' : 'muted'));
  const tabLine = firstFitting([tabs.flatMap((tab) => [span(' '), tab]), tabs], header.columns);
  const axis = state.byShare ? 'by share' : 'by number';
  return {
    blocks: [
      {
        ...header,
        lines: [
          spread([span(' compare', 'title'), ...names], [], header.columns),
          beside(tabLine, [[muted(`${axis} `)]], header.columns),
        ],
      },
      { ...status, lines: [statusLine(state, status.columns, cursorLine)] },
      { ...footer, lines: [footerLine(state, footer.columns)] },
    ],
  };
}

/** A line with the first of some ever shorter parts at its right that leaves the left one whole. */
const beside = (left: Line, variants: readonly Line[], columns: number): Line =>
  spread(left, variants.find((right) => lineWidth(left) + lineWidth(right) < columns) ?? [], columns);

const signed = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '–' : `${value > 0 ? '+' : ''}${figure(value)}`;

/** What the cursor stands on, with exact values. */
function cursorLine(state: ScreenState, columns: number): Line {
  const { part: shown, row, column, slot } = comparisonIn(state);
  const [a, b] = pairOf(state);
  if (shown === 'similarity') {
    const value = similarityIn(state)?.values[row * layersOf(b).length + column] ?? Number.NaN;
    const name = (side: Side, place: number): string =>
      `${side.name} ${place + 1} ${printable(layersOf(side)[place].name, 30)}`;
    const alike = [muted('  CKA '), span(Number.isNaN(value) ? '–' : value.toFixed(3))];
    const places = [`${name(a, row)}, ${name(b, column)}`, `${a.name} ${row + 1}, ${b.name} ${column + 1}`];
    const variants = places.map((place) => [span(place, 'title'), ...alike]);
    return firstFitting(variants, columns);
  }
  if (shown === 'settings') return [];
  const { width } = compareLayoutOf(state);
  const slots = slotsIn(comparisonIn(state), width, state.byShare);
  const clock = state.byShare ? 'at' : a.runs[0].header.clock;
  const here = `${clock} ${slots.label(slot)}`;
  if (shown === 'curves') return [span(here, 'title')];
  const values = mapsIn(comparisonIn(state), state.metric, width, state.byShare).rows[row];
  const { symbol } = metricWords(state.run, state.metric);
  const told = (value: number | undefined): string => (value === undefined ? '–' : valueText(value, 3));
  const place = span(`${rowName(rowsOf(a, b, state.metric)[row], a, b)}, ${here}`, 'title');
  const numbers = [
    muted(`${a.name} `),
    span(told(values.a[slot])),
    muted(`  ${b.name} `),
    span(told(values.b[slot])),
    muted(`  ${b.name} - ${a.name} `),
    span(signed(values.difference[slot])),
  ];
  const [whole, short] = [
    [place, muted(`  ${symbol}  `)],
    [span(here, 'title'), muted('  ')],
  ];
  return firstFitting([[...whole, ...numbers], [...short, ...numbers], numbers], columns);
}

/** A matched layer by its number and name on A, and where they differ on B. */
function rowName({ places: [one, other] }: LayerRow, a: Side, b: Side): string {
  const [own, partner] = [
    one === undefined ? undefined : layersOf(a)[one],
    other === undefined ? undefined : layersOf(b)[other],
  ];
  const name = printable((own ?? partner)?.name ?? '', 40);
  if (!own) return `${partner?.index} ${name} of ${b.name}`;
  if (!partner) return `${own.index} ${name} of ${a.name}`;
  return own.name === partner.name ? `${own.index} ${name}` : `${own.index} ${name} = ${printable(partner.name, 40)}`;
}

/** Ends of a scale with its colours between: `0.00 ▁▂▃ 9.87`. */
function legend(state: ScreenState, cells: readonly Cell[], [low, high]: Range): Line {
  const most = Math.min(9, cells.length);
  const decimals = Math.min(3, decimalsFor(Math.max(Math.abs(low), Math.abs(high))));
  const text = (value: number): string => formatFixed(value, decimals, 0, state.theme.ascii);
  const shown = Array.from(
    { length: most },
    (_, place) => cells[Math.round((place * (cells.length - 1)) / (most - 1))],
  );
  return [span(`${text(low)} `), ...shown.map((cell) => ({ text: cell.text, style: cell })), span(` ${text(high)} `)];
}

/** Both sides over their records on one scale, and how they differ. */
function mapsPart(state: ScreenState, layout: CompareLayout): Part {
  const comparison = comparisonIn(state);
  const [a, b] = pairOf(state);
  const { theme, metric } = state;
  const maps = mapsIn(comparison, metric, layout.width, state.byShare);
  const slots = slotsIn(comparison, layout.width, state.byShare);
  const columns = slotColumns(layout.width, slots.count);
  const isCommon = state.toggles.scale === 'common';
  const inWindow = maps.rows.slice(comparison.offset, comparison.offset + layout.visible);
  const levels = levelCells(theme.colourMap, theme.depth, theme.ascii);
  const diverging = divergingCells(theme.depth, theme.ascii);
  const cursor = { row: comparison.row - comparison.offset, slot: comparison.slot };
  const here = maps.rows[comparison.row];
  const { label } = metricWords(state.run, metric);
  const scale = isCommon ? maps.range : here.range;
  const described = isCommon ? 'one scale' : "the layer's scale";
  const ends = legend(state, levels, scale);
  const drawn = [
    {
      title: sideSpans(state, a),
      of: 'a' as const,
      more: [[muted(`${label}  ${described}  `), ...ends], [muted(`${described}  `), ...ends], ends],
    },
    { title: sideSpans(state, b), of: 'b' as const, more: [] },
    {
      title: [span(` ${b.name} - ${a.name}`, 'title')],
      of: 'difference' as const,
      more: [legend(state, diverging, isCommon ? maps.span : here.span)],
    },
  ];
  const looks = { columns, cellRows: layout.cellRows, cursor };
  return {
    blocks: [
      ...drawn.flatMap(({ title, more }, place): TextBlock[] => {
        const { title: area } = layout.maps[place];
        return [{ ...area, lines: [beside(title, more, area.columns)] }];
      }),
      ...drawn.flatMap(({ of }, place) => sideBlocks(state, layout, layout.maps[place], maps, of)),
      axisBlock(state, layout, slots, columns),
    ],
    overlays: drawn.map(({ of }, place) =>
      heatmapOverlay(
        state,
        layout.maps[place].cells,
        inWindow.map((row) => ({
          values: row[of],
          range: of === 'difference' ? (isCommon ? maps.span : row.span) : isCommon ? maps.range : row.range,
        })),
        { ...looks, levels: of === 'difference' ? diverging : levels },
      ),
    ),
  };
}

/** Names to the left of a map, and its values at the cursor to the right. */
function sideBlocks(
  state: ScreenState,
  layout: CompareLayout,
  areas: MapAreas,
  { rows }: ComparedMaps,
  of: 'a' | 'b' | 'difference',
): TextBlock[] {
  const { row: chosen, offset, slot } = comparisonIn(state);
  const [a, b] = pairOf(state);
  const layers = rowsOf(a, b, state.metric);
  const ellipsis = glyphsOf(state.theme).ellipsis;
  const label = ({ places: [one, other] }: LayerRow): readonly [number, string] => {
    const own = {
      a: one === undefined ? undefined : layersOf(a)[one],
      b: other === undefined ? undefined : layersOf(b)[other],
    };
    const layer = of === 'difference' ? (own.a ?? own.b) : own[of];
    return layer ? [layer.index, printable(layer.label)] : [0, ''];
  };
  const lines = (text: (place: number) => Line): Line[] =>
    layers
      .slice(offset, offset + layout.visible)
      .flatMap((_, index) =>
        Array.from({ length: layout.cellRows }, (__, line): Line =>
          line === labelRow(layout.cellRows) ? text(offset + index) : [],
        ),
      );
  const room = areas.labels.columns - 6;
  const names = shortNames(
    layers.map((row) => label(row)[1]),
    room,
    ellipsis,
  );
  const number = (place: number): string => (label(layers[place])[0] > 0 ? String(label(layers[place])[0]) : '');
  const token = (place: number): Token | undefined => (place === chosen ? 'cursor' : undefined);
  const blocks: TextBlock[] = [
    {
      ...areas.labels,
      lines: lines((place) => [
        span(place === chosen ? glyphsOf(state.theme).pointer : ' ', 'cursor'),
        span(`${fit(number(place), 3, 'right')} `, token(place) ?? 'muted'),
        span(fit(names[place], room), token(place)),
      ]),
    },
  ];
  if (areas.values) {
    blocks.push({
      ...areas.values,
      lines: lines((place) => {
        const value = rows[place][of][slot];
        const text = of === 'difference' ? (value === undefined ? '–' : signed(value)) : valueText(value, 3);
        return [span(fit(text, areas.values?.columns ?? 0, 'right'), token(place))];
      }),
    });
  }
  return blocks;
}

/** What the slots are called: the first, the last, the cursor's, and round ones between. */
function axisBlock(state: ScreenState, layout: CompareLayout, slots: ComparedSlots, columns: EpochColumns): TextBlock {
  const { slot } = comparisonIn(state);
  const { axis, maps } = layout;
  const left = maps[0].labels.columns;
  const at = (place: number, token: Token): readonly [number, ReturnType<typeof span>] => [
    slotStart(columns, place),
    span(slots.label(place), token),
  ];
  const ticks = niceTicks([0, slots.count - 1], Math.max(1, Math.floor(columns.width / 12))).filter(Number.isInteger);
  const line = placed(columns.width, [
    at(slot, 'cursor'),
    ...[0, slots.count - 1, ...ticks].map((place) => at(place, 'muted')),
  ]);
  const clock = state.byShare ? 'share' : pairOf(state)[0].runs[0].header.clock;
  return { ...axis, lines: [[muted(fit(`  ${clock}`, left)), ...line]] };
}

/** Linear CKA of every layer of A with every layer of B, as it grows. */
function similarityPart(state: ScreenState, layout: CompareLayout): Part {
  const [a, b] = pairOf(state);
  const similarity = similarityIn(state);
  const why = state.exploration.unavailable.similarities?.error;
  if (why) return { blocks: [reasonBlock(layout.body, why)] };
  if (!similarity) return { blocks: [plainBlock(layout.body, 'Comparing the layers image by image.')] };
  const { theme } = state;
  const { row, offset, column } = comparisonIn(state);
  const [areas] = layout.maps;
  const count = layersOf(b).length;
  const columns = slotColumns(layout.width, count);
  // Of more layers than columns those around the cursor.
  const left = clamp(column - Math.floor(columns.slots / 2), 0, count - columns.slots);
  const levels = levelCells(theme.colourMap, theme.depth, theme.ascii);
  const { images, probe, done, values } = similarity;
  const of = images === probe ? `${images} images` : `${images} of ${probe} images`;
  const grown = done < layersOf(a).length ? `  ${done} of ${layersOf(a).length} layers` : '';
  const last = Math.min(layersOf(a).length, offset + layout.visible);
  const shown = Array.from({ length: last - offset }, (_, place) => {
    const from = (offset + place) * count;
    return Array.from(values.subarray(from, from + count), (value) => (Number.isNaN(value) ? undefined : value));
  });
  const room = areas.labels.columns - 6;
  const names = shortNames(
    layersOf(a).map(({ label }) => printable(label)),
    room,
    glyphsOf(theme).ellipsis,
  );
  const best = (place: number): string => {
    const known = shown[place].filter((value) => value !== undefined);
    const most = known.length > 0 ? Math.max(...known) : Number.NaN;
    return Number.isNaN(most) ? '–' : `${shown[place].indexOf(most) + 1} ${most.toFixed(2)}`;
  };
  const lines = (text: (place: number) => Line): Line[] =>
    shown.flatMap((_, place) =>
      Array.from({ length: layout.cellRows }, (__, line): Line =>
        line === labelRow(layout.cellRows) ? text(place) : [],
      ),
    );
  const token = (place: number): Token | undefined => (offset + place === row ? 'cursor' : undefined);
  const numbers = Array.from({ length: Math.min(count, columns.slots) }, (_, place) => left + place);
  const title: Line = [span(` CKA of layers`, 'title'), muted(`  ${a.name} down, ${b.name} across, ${of}${grown}`)];
  return {
    blocks: [
      { ...areas.title, lines: [beside(title, [legend(state, levels, [0, 1])], areas.title.columns)] },
      {
        ...areas.labels,
        lines: lines((place) => [
          span(token(place) ? glyphsOf(theme).pointer : ' ', 'cursor'),
          span(`${fit(String(offset + place + 1), 3, 'right')} `, token(place) ?? 'muted'),
          span(fit(names[offset + place], room), token(place)),
        ]),
      },
      ...(areas.values
        ? [{ ...areas.values, lines: lines((place) => [span(fit(best(place), 9, 'right'), token(place))]) }]
        : []),
      {
        ...layout.axis,
        lines: [
          [
            muted(fit(`  layer of ${b.name}`, areas.labels.columns)),
            ...placed(columns.width, [
              [slotStart(columns, column - left), span(String(column + 1), 'cursor')],
              ...numbers.map((place) => [slotStart(columns, place - left), muted(String(place + 1))] as const),
            ]),
          ],
        ],
      },
      {
        ...part(layout.axis, 1, layout.notes.length),
        lines: layout.notes.map((text): Line => [span(` ${text}`, 'warning')]),
      },
    ],
    overlays: [
      heatmapOverlay(
        state,
        areas.cells,
        shown.map((values) => ({ values: values.slice(left, left + columns.slots), range: [0, 1] })),
        { columns, levels, cellRows: layout.cellRows, cursor: { row: row - offset, slot: column - left } },
      ),
    ],
  };
}

/** Curves of all sides, a chart a group. */
function curvesPart(state: ScreenState, layout: CompareLayout): Part {
  const { sides, slot, row } = comparisonIn(state);
  const shown = chartsOf(sides).slice(row, row + chartsIn(layout.body));
  const height = Math.floor((layout.body.rows - 1) / Math.max(1, shown.length));
  const slots = slotsIn(comparisonIn(state), layout.width, state.byShare);
  const columns = slotColumns(layout.width, slots.count);
  const drawn = shown.map((tag, place) =>
    curves(state, part(layout.body, place * height, height), tag, { slots, columns, slot }),
  );
  const axis = part(layout.body, height * shown.length, 1);
  return {
    blocks: [...drawn.flatMap(({ blocks }) => blocks), axisBlock(state, { ...layout, axis }, slots, columns)],
    overlays: drawn.flatMap(({ overlays = [] }) => overlays),
  };
}

interface CurvesAt {
  slots: ComparedSlots;
  columns: EpochColumns;
  slot: number;
}

/** One scalar of all sides: lines, the values at the cursor beside. */
function curves(state: ScreenState, area: Rectangle, tag: string, { slots, columns, slot }: CurvesAt): Part {
  const { sides } = comparisonIn(state);
  const { theme } = state;
  const { label, split, unit } = describeScalar(tag, state.run.header);
  const factor = unit === 'share' ? 100 : 1;
  const valuesOf = (side: Side): number[] =>
    Array.from({ length: slots.count }, (_, place) => {
      const record = slots.place(side, place);
      return record === undefined ? Number.NaN : factor * sideScalar(side, tag, record);
    });
  const all = sides.map(valuesOf);
  const range = rangeOf(all.flat());
  const left = 16;
  const plot = part(area, 1, area.rows - 1, left, columns.width);
  const series = all.map((values, place): Series => {
    const colour = styleOf(tokenOf(place), theme).foreground;
    return { values, ...(colour && { colour }) };
  });
  const at = (place: number): number => slotStart(columns, place) + (slotWidth(columns, place) - 1) / 2 + 0.5;
  const title = [span(` ${printable([label, split].filter(Boolean).join(' '), 60)}${factor > 1 ? ' %' : ''}`, 'title')];
  const beside = sides.map((side, place): Line => [
    span(` ${side.name} `, tokenOf(place)),
    span(Number.isNaN(all[place][slot]) ? '–' : figure(all[place][slot], factor > 1 ? 2 : 3), tokenOf(place)),
  ]);
  // Beside the title where there is no room at the right.
  const values = beside.flatMap((line): Line => [...line, span(' ')]);
  const fits = lineWidth(title) + lineWidth(values) < area.columns;
  return {
    blocks: [
      { ...part(area, 0, 1), lines: [spread(title, fits ? values : [], area.columns)] },
      numbersBlock(state, part(area, 1, area.rows - 1, 0, left), range),
    ],
    overlays:
      range && plot.rows > 0
        ? [
            {
              ...plot,
              cells: lineChart({
                rows: plot.rows,
                columns: columns.width,
                range,
                series,
                place: at,
                ascii: theme.ascii,
              }),
            },
          ]
        : [],
  };
}

function settingsPart(state: ScreenState, { body }: CompareLayout): Part {
  const { row } = comparisonIn(state);
  return { blocks: [{ ...body, lines: settingLines(state, body.columns).slice(row, row + body.rows) }] };
}
