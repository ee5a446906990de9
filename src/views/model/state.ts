import type { Side } from '../../engine/analysis/comparison/compared-runs.ts';
import type { ExplorationAnswer } from '../../engine/analysis/questions/messages.ts';
import { firstMetric } from '../../engine/metrics/index.ts';
import type { RunState } from '../../engine/run/format.ts';
import type { RunRequest } from '../../engine/run/requests.ts';
import type { RunEvent, TrainingCommand } from '../../engine/training/messages.ts';
import type { Size } from '../../imaging/cells/cells.ts';
import type { Place } from '../keys/binding.ts';
import type { Command } from '../keys/table.ts';
import { defaultToggles, type LayerPane, type NeuronPane, type Pane, type ToggleValues } from '../keys/toggles.ts';
import { defaultTheme, type Theme } from '../theme/theme.ts';
import type { ComparisonState } from '../compare/state.ts';
import { emptyExploration, emptyNeuron, type ExplorationState, type NeuronState } from '../layer/state.ts';
import { emptyRun, isUnderWay, type RunModel } from './run-model.ts';

export type ScreenName = 'home' | 'network' | 'layer' | 'neuron' | 'compare';

declare const row: unique symbol;
declare const column: unique symbol;
/** A layer's position in the network's list, from 0: its index in the paper's counting less one. */
export type LayerRow = number & { readonly [row]: true };
/** An epoch's position among the committed ones, from 0. */
export type EpochColumn = number & { readonly [column]: true };

export const layerRow = (value: number): LayerRow => value as LayerRow;
export const epochColumn = (value: number): EpochColumn => value as EpochColumn;

/** A run as the home screen lists it. */
export interface HomeEntry {
  directory: string;
  id: string;
  network: string;
  /** Like `plannedEpochs` absent where a recorder does not say. */
  dataset: string | undefined;
  /** The settings that tell it from other runs of its network: `rate 0.005, seed 2`; empty where nothing does. */
  differs: string;
  state: RunState;
  epochs: number;
  plannedEpochs: number | undefined;
  /** An epoch each. */
  validationLoss: readonly number[];
  /** Lowest top-1 error on the validation images, 0..1. */
  bestTop1Error: number | undefined;
}

export type Dialog =
  | { kind: 'help'; offset: number }
  /** What would lose work is done when its key is pressed again, right after. */
  | { kind: 'leave'; armed?: Command['id'] }
  /** The run's error. */
  | { kind: 'failure'; offset: number }
  /** A line that had no room in the status line. */
  | { kind: 'message'; said: string; offset: number }
  | { kind: 'palette'; text: string; choice: number }
  | { kind: 'find'; text: string; choice: number }
  | { kind: 'metrics'; text: string; choice: number }
  | { kind: 'findings'; text: string; choice: number };

/**
 * What trains the run on the screen: a process of this screen's own, which outlives it; the process of the screen itself;
 * another process; or nothing.
 */
export type Control = 'own' | 'inside' | 'other' | 'none';

/** Whether the run on the screen is trained for it. */
export const isTrainedHere = ({ control }: Pick<ScreenState, 'control'>): boolean =>
  control === 'own' || control === 'inside';

/** Whether what trains the run can be asked for something from here. */
export const takes = ({ control, run }: Pick<ScreenState, 'control' | 'run'>, request: RunRequest): boolean =>
  isUnderWay(run.state) &&
  (isTrainedHere({ control })
    ? run.state !== 'preparing' || request === 'stop-now'
    : control === 'other' && run.requests.includes(request));

export interface Message {
  text: string;
  tone: 'plain' | 'warning' | 'error';
  /** Said of something that was asked of the trainer, until it did it. */
  isAsked?: true;
}

/** The epochs being played. */
export interface Playback {
  from: EpochColumn;
  follow: boolean;
}

/** Everything that decides what is on the screen. */
export interface ScreenState {
  size: Size;
  theme: Theme;
  /** What has been collected. */
  run: RunModel;
  /** What is shown instead while the display is frozen. */
  frozen: RunModel | undefined;
  /** The way here; the last is shown. Never empty. */
  screens: readonly ScreenName[];
  cursor: { layer: LayerRow; epoch: EpochColumn };
  /** The cursor stays on the newest epoch. */
  follow: boolean;
  /** The epochs are played; where it began, to return there when it is stopped. */
  playback: Playback | undefined;
  /** Epochs a second that the playback shows. */
  playbackRate: number;
  /** First row and epoch in the window. */
  offset: { row: number; epoch: number };
  /** The groups of layers that are one row: paths that their names begin with. */
  folded: ReadonlySet<string>;
  /** The id of the metric that is shown; of those that the run has, once it has some. */
  metric: string;
  /** The settings that a key steps through, as they are. */
  toggles: ToggleValues;
  dialog: Dialog | undefined;
  /** One line for the user, until the next key. */
  message: Message | undefined;
  mouse: boolean;
  /** Whether it has been said that keys are Latin letters. */
  isToldOfLetters: boolean;
  control: Control;
  /** What the user asked for when leaving; the screen ends when the trainer says it has stopped, or where it is. */
  ending: 'after-epoch' | 'now' | 'detached' | undefined;
  home: {
    entries: readonly HomeEntry[];
    /** The recorded run that is shipped with the program, where it is. */
    demo: string | undefined;
    /** Runs that are there and cannot be read. */
    unreadable: number;
    choice: number;
    offset: number;
    /** Directories of the runs that are marked, to be compared, in the order in which they were. */
    marked: readonly string[];
  };
  /** The runs that are compared; the first of them is the run shown. */
  comparison: ComparisonState | undefined;
  /** Whether the records of runs that are compared stand by their share of the training, and not by number. */
  byShare: boolean;
  /** The panes that have the focus; on a narrow screen the only ones shown. */
  panes: { layer: LayerPane; neuron: NeuronPane };
  /** Layer and neuron views: what the analysis thread answered, and where the user is in it. */
  exploration: ExplorationState;
  /** Where the user is in the neuron view. */
  neuron: NeuronState;
}

/** The only things that change what is shown. */
export type ViewAction =
  | { source: 'run'; events: readonly RunEvent[] }
  | { source: 'key'; command: Command }
  /** A key that means nothing here. */
  | { source: 'unknown-key'; key: string }
  | { source: 'paste'; text: string }
  | { source: 'resize'; size: Size }
  | { source: 'message'; message: Message }
  | { source: 'home'; entries: readonly HomeEntry[]; demo?: string | undefined; unreadable?: number }
  | { source: 'theme'; theme: Partial<Theme> }
  | { source: 'exploration'; answer: ExplorationAnswer }
  /** Time for the playback's next epoch. */
  | { source: 'playback' }
  /** Runs to be compared take the screen. */
  | { source: 'compared'; sides: readonly Side[] }
  /** Another run takes the screen. */
  | { source: 'opened'; control: Control };

/** What the world should do: the reducer's other result. */
export type Effect =
  | { type: 'send'; command: TrainingCommand }
  | { type: 'leave' }
  | { type: 'detach' }
  | { type: 'screenshot' }
  | { type: 'redraw' }
  /** Give the terminal back until the shell continues us. */
  | { type: 'suspend' }
  /** Draw pictures in the next way. */
  | { type: 'images' }
  | { type: 'mouse'; on: boolean }
  | { type: 'open-run'; directory: string }
  | { type: 'compare'; directories: readonly string[] }
  | { type: 'close-run' }
  | { type: 'train' };

export interface Reduced {
  state: ScreenState;
  effects: readonly Effect[];
}

export const initialState: ScreenState = {
  size: { columns: 80, rows: 24 },
  theme: defaultTheme,
  run: emptyRun,
  frozen: undefined,
  screens: ['network'],
  cursor: { layer: layerRow(0), epoch: epochColumn(0) },
  follow: true,
  playback: undefined,
  playbackRate: 4,
  offset: { row: 0, epoch: 0 },
  folded: new Set(),
  metric: firstMetric,
  toggles: defaultToggles,
  dialog: undefined,
  message: undefined,
  mouse: true,
  isToldOfLetters: false,
  control: 'none',
  ending: undefined,
  home: { entries: [], demo: undefined, unreadable: 0, choice: 0, offset: 0, marked: [] },
  comparison: undefined,
  byShare: false,
  panes: { layer: 'evolution', neuron: 'activations' },
  exploration: emptyExploration,
  neuron: emptyNeuron,
};

/** The state with a line for the user. */
export const say = (state: ScreenState, text: string, tone: Message['tone'] = 'plain'): ScreenState => ({
  ...state,
  message: { text, tone },
});

/** The run as it is shown: the kept snapshot while frozen. */
export const shownRun = (state: ScreenState): RunModel => state.frozen ?? state.run;

/** The epoch (from 0) whose values stand beside the network's rows: the newest, or the one that the playback shows. */
export const valuedEpoch = (state: ScreenState): number =>
  state.playback ? state.cursor.epoch : shownRun(state).epochs.length - 1;

export const screenOf = (state: ScreenState): ScreenName => state.screens.at(-1) ?? 'network';

/** Where keys go: the open dialog, else the screen. */
export const placeOf = (state: ScreenState): Place => state.dialog?.kind ?? placeUnder(state);

/** Where keys go when no dialog is open: the screen, or the pane of it that has the focus, if not the first. */
export function placeUnder(state: ScreenState): Exclude<Place, Dialog['kind']> {
  const screen = screenOf(state);
  const pane = focusedPane(state);
  return pane === undefined || pane === 'evolution' || pane === 'activations' ? screen : pane;
}

/** The pane that has the focus; nothing on a screen without panes. */
export function focusedPane({ screens, panes }: ScreenState): Pane | undefined {
  const screen = screens.at(-1);
  return screen === 'layer' || screen === 'neuron' ? panes[screen] : undefined;
}

/** Layers and epochs of the run as shown, and the epochs that it is to have; 0 where no more will come. */
export function extent(state: ScreenState): { layers: number; epochs: number; planned: number } {
  const run = shownRun(state);
  return {
    layers: run.header?.network.layers.length ?? 0,
    epochs: run.epochs.length,
    planned: isUnderWay(run.state) ? (run.header?.training.epochs ?? 0) : 0,
  };
}
