import { exitCodes, misuse, type ExitCode } from '../engine/base/errors.ts';
import { toJson } from '../engine/base/json.ts';
import { eventsOf, findRun, openRun, type OpenRun } from '../engine/run/index.ts';
import type { Paths } from '../engine/base/paths.ts';
import { firstMetric, metricsOf } from '../engine/metrics/index.ts';
import type { Size } from '../imaging/cells/cells.ts';
import { windowSize } from '../imaging/terminal/window-size.ts';
import { wishedTheme } from '../views/theme/theme.ts';
import { fitsMinimum, minimumSize } from '../views/frame/layout.ts';
import type { ScreenName, ScreenState } from '../views/model/state.ts';
import { readablePlaces, type CommandContext } from './common.ts';
import {
  encoded,
  formatOf,
  lookFor,
  parseSize,
  putOut,
  refusePngOnTerminal,
  type Drawn,
  type Look,
  type PictureFormat,
  type PictureOutput,
} from './picture-output.ts';
import { metricNamed, placeNamed, upTo, type RunPlace } from './run-place.ts';
import { layerJson, neuronJson, runJson } from './show-json.ts';
import { requireOfView, type ViewOptions } from './show-options.ts';

export interface ShowOptions extends PictureOutput, ViewOptions {
  /** A path, an id, the beginning of one, `last` or `demo`. */
  run: string;
  /** A layer's number or name, or LAYER/NEURON: its view instead of the network's. */
  layer?: string | undefined;
  /** `120x40`: columns and rows of the picture. */
  size?: string | undefined;
  /** The run as it was after this epoch. */
  epoch?: number | undefined;
  /** The metric that the picture shows, by its id. */
  metric?: string | undefined;
}

/** The way to a place through the screens. */
const screensTo = (place: RunPlace): readonly ScreenName[] =>
  place.neuron === undefined ? ['network', 'layer'] : ['network', 'layer', 'neuron'];

async function pictureOf(
  run: OpenRun,
  place: RunPlace | undefined,
  { format, size, look, options }: { format: PictureFormat; size: Size; look: Look; options: ShowOptions },
  context: CommandContext,
): Promise<Drawn> {
  const [{ reduce }, { initialState, layerRow }, { settled, withPane }, { renderFrame, renderPicture }] =
    await Promise.all([
      import('../views/model/reducer.ts'),
      import('../views/model/state.ts'),
      import('../views/model/navigation.ts'),
      import('../views/screen/render-frame.ts'),
    ]);
  const start: ScreenState = {
    ...initialState,
    size,
    theme: { ...initialState.theme, ...wishedTheme(context.screen, context.env), ...look },
    ...(place && { screens: screensTo(place) }),
    ...(options.metric !== undefined && { metric: options.metric }),
    toggles: { ...initialState.toggles, ...givenOf(options, initialState.toggles) },
  };
  const { state } = reduce(start, { source: 'run', events: eventsOf(run) });
  const selected = (options.select ?? 1) - 1;
  const opened: ScreenState = {
    ...state,
    cursor: { ...state.cursor, layer: layerRow(place ? place.layer.index - 1 : selected) },
    exploration: {
      ...state.exploration,
      settings: { ...state.exploration.settings, ...givenOf(options, state.exploration.settings) },
      neuron: place?.neuron,
      ...(place && place.neuron === undefined && { cluster: selected }),
    },
    ...(place?.neuron !== undefined &&
      options.select !== undefined && { neuron: { ...state.neuron, facet: selected } }),
    dialog: undefined,
  };
  const focused = options.pane === undefined ? settled(opened) : withPane(opened, options.pane);
  const known = await explored(focused, run, context.paths);
  requireSelected(known, run, options.select);
  // Only a PNG has pixels for the pictures; elsewhere they are made of characters.
  return format === 'png' ? renderPicture(known, size) : { cells: renderFrame(known, size), pictures: [] };
}

/** Those of some settings that were given. */
const givenOf = <Values extends object>(options: ShowOptions, settings: Values): Partial<Values> =>
  Object.fromEntries(
    Object.entries(options).filter(([name, value]) => name in settings && value !== undefined),
  ) as Partial<Values>;

/** @throws DeepviewError `unknown-selection` for a number beyond what there is; where that is not known, the view says why */
function requireSelected({ screens, exploration }: ScreenState, run: OpenRun, select: number | undefined): void {
  const [things, count] =
    screens.length === 1
      ? (['layers', run.header.network.layers.length] as const)
      : screens.length === 2
        ? (['clusters', exploration.map?.k] as const)
        : (['facets', exploration.facets?.facets.length] as const);
  if (select === undefined || count === undefined || select <= count) return;
  throw misuse(
    'unknown-selection',
    `--select ${select} names none of the ${things}`,
    `Their numbers are 1 to ${count}.`,
  );
}

/** The state with what the analysis has to say about its layer or neuron. */
async function explored(state: ScreenState, run: OpenRun, paths: Paths): Promise<ScreenState> {
  if (state.screens.at(-1) === 'network') return state;
  const { answered } = await import('./show-answers.ts');
  const { requestsOf } = await import('../views/model/requests.ts');
  return answered(state, requestsOf, { directory: run.directory, paths });
}

/** @throws DeepviewError `bad-size` for one in which nothing is drawn */
function sizeFor(format: PictureFormat, { size }: ShowOptions, { stdout, env }: CommandContext): Size {
  const { columns: least, rows: fewest } = minimumSize;
  if (size !== undefined) {
    const given = parseSize(size);
    if (fitsMinimum(given)) return given;
    throw misuse('bad-size', `${given.columns}x${given.rows} is too small`, `Give ${least}x${fewest} at least.`);
  }
  if (format === 'png' || format === 'svg') return { columns: 120, rows: 40 };
  const { columns, rows } = windowSize(stdout, env);
  // A row less than the terminal has: the prompt must not push the first line away. A small one scrolls.
  return { columns: Math.max(least, columns), rows: Math.max(fewest, stdout.isTTY ? rows - 1 : rows) };
}

async function jsonOf(run: OpenRun, place: RunPlace | undefined, options: ShowOptions, paths: Paths): Promise<unknown> {
  if (!place) return runJson(run);
  const { layer, neuron } = place;
  return neuron === undefined ? layerJson(run, layer, paths, options) : neuronJson(run, layer, neuron, paths, options);
}

/**
 * Prints the network view of a run, a layer's or a neuron's, as text, colours, picture or JSON: what the screen would show.
 * @throws DeepviewError exit code 2: `bad-size`, `unknown-layer`, `unknown-epoch`, `unknown-metric`, `wrong-view`,
 *   `unknown-selection`, `picture-to-terminal`;
 *   exit code 4 for a run that is not there or cannot be read
 */
export async function show(options: ShowOptions, context: CommandContext): Promise<ExitCode> {
  const format = formatOf(options, context);
  const size = sizeFor(format, options, context);
  refusePngOnTerminal(format, options, context);
  const { paths } = context;
  const directory = await findRun(readablePlaces(context), options.run);
  const wanted = format === 'json' ? undefined : [options.metric ?? firstMetric];
  const run = upTo(await openRun(directory, { ...(wanted && { wanted }) }), options.epoch);
  const place = options.layer === undefined ? undefined : placeNamed(run.header.network.layers, options.layer);
  requireOfView(options, !place ? 'network' : place.neuron === undefined ? 'layer' : 'neuron');
  if (options.metric !== undefined) metricNamed(metricsOf(run.records), options.metric);
  if (format === 'json') {
    await putOut(`${toJson(await jsonOf(run, place, options, paths))}\n`, options, context);
    return exitCodes.done;
  }
  const look = await lookFor(format, options, context);
  const drawn = await pictureOf(run, place, { format, size, look, options }, context);
  await putOut(await encoded(drawn, format, look, context), options, context);
  return exitCodes.done;
}
