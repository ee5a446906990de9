import { metricFor, type Side } from '../../engine/analysis/comparison/compared-runs.ts';
import { printable } from '../../engine/base/printable.ts';
import type { RunEvent } from '../../engine/training/messages.ts';
import { accepted, takesText, typed } from '../dialogs/keys.ts';
import { clickedHome, withRuns } from '../home/keys.ts';
import type { Click, Outcome } from '../keys/binding.ts';
import { bindingsAt, choicesOf, type Command, type CommandId } from '../keys/table.ts';
import { settledComparison } from '../compare/keys.ts';
import { comparisonOf } from '../compare/state.ts';
import { withAnswer } from '../layer/explored.ts';
import { clickedLayer } from '../layer/keys.ts';
import { emptyExploration, nothingChosen } from '../layer/state.ts';
import { clickedCell } from '../network/keys.ts';
import { clickedNeuron } from '../neuron/keys.ts';
import { withKnownMetric, withMetric } from './metrics.ts';
import { settled, withPane } from './navigation.ts';
import { advanced, paused } from './playback.ts';
import { applyRunEvents, emptyRun, isUnderWay } from './run-model.ts';
import {
  epochColumn,
  layerRow,
  placeOf,
  say,
  screenOf,
  type Effect,
  type Reduced,
  type ScreenState,
  type ViewAction,
} from './state.ts';

const only = (state: ScreenState, ...effects: Effect[]): Reduced => ({ state, effects });

/** The whole screen's next state, and what the world should do about it. Pure. */
export function reduce(state: ScreenState, action: ViewAction): Reduced {
  const reduced = withNeuronKept(state, step(state, action));
  const after = reduced.state;
  // Neurons and clusters are chosen of one layer.
  if (after.cursor.layer === state.cursor.layer) return reduced;
  return { ...reduced, state: settled({ ...after, exploration: { ...after.exploration, ...nothingChosen } }) };
}

/** What was chosen of one neuron means nothing to another. */
function withNeuronKept(before: ScreenState, reduced: Reduced): Reduced {
  const { state } = reduced;
  if (state.exploration.neuron === before.exploration.neuron) return reduced;
  return { ...reduced, state: { ...state, neuron: { ...state.neuron, facet: undefined, patch: 0 } } };
}

function step(state: ScreenState, action: ViewAction): Reduced {
  switch (action.source) {
    case 'run':
      return withRun(state, action);
    case 'key':
      return onCommand(disarmed(withoutMessage(state, action.command), action.command.id), action.command);
    case 'unknown-key':
      return only(withUnknownKey(disarmed(state), action.key));
    case 'paste':
      return only(withPaste(disarmed(state), action.text));
    case 'playback':
      return only(advanced(state));
    case 'resize':
      return only(settledComparison(settled({ ...state, size: action.size })), { type: 'redraw' });
    case 'message':
      return only({ ...state, message: action.message });
    case 'home':
      return only(withRuns(state, { entries: action.entries, demo: action.demo, unreadable: action.unreadable ?? 0 }));
    case 'theme':
      return only({ ...state, theme: { ...state.theme, ...action.theme } });
    case 'exploration':
      return only(settledComparison(settled(withAnswer(state, action.answer))));
    case 'compared':
      return only(withComparison(state, action.sides));
    case 'opened':
      return only(
        settled({
          ...state,
          run: emptyRun,
          frozen: undefined,
          screens: [...state.screens.filter((screen) => screen === 'home'), 'network'],
          control: action.control,
          ending: undefined,
          follow: true,
          playback: undefined,
          cursor: { layer: layerRow(0), epoch: epochColumn(0) },
          offset: { row: 0, epoch: 0 },
          folded: new Set(),
          exploration: { ...emptyExploration, settings: state.exploration.settings },
        }),
      );
  }
}

/** The runs that are compared on the screen; the first stands for them where one run is meant. */
function withComparison(state: ScreenState, sides: readonly Side[]): ScreenState {
  const [run] = sides[0].runs;
  const events: RunEvent[] = [
    { type: 'run', header: run.header, directory: run.directory },
    ...run.records.map((record): RunEvent => ({ type: 'epoch', record })),
    { type: 'state', state: run.state },
  ];
  return settledComparison({
    ...state,
    run: applyRunEvents(emptyRun, events),
    frozen: undefined,
    screens: [...state.screens.filter((screen) => screen === 'home'), 'compare'],
    metric: metricFor(sides, state.metric),
    comparison: comparisonOf(sides),
    control: 'none',
    exploration: { ...emptyExploration, settings: state.exploration.settings },
  });
}

function withRun(state: ScreenState, action: Extract<ViewAction, { source: 'run' }>): Reduced {
  const run = applyRunEvents(state.run, action.events);
  const settledState = settled(withKnownMetric({ ...state, run }));
  const notice = action.events.findLast((event) => event.type === 'notice');
  // Before the first epoch notices have a place of their own.
  const told = notice && run.epochs.length > 0 ? say(settledState, notice.text, 'warning') : settledState;
  // What was asked for is done, or will be: header and state say so from now on.
  const isDone = run.state !== state.run.state || run.ending !== state.run.ending;
  const next = isDone && told.message?.isAsked ? { ...told, message: undefined } : told;
  // Stop and leave was asked for, and waited for the trainer to say that it stopped.
  if (state.ending && !isUnderWay(run.state)) return only(next, { type: 'leave' });
  if (state.ending === 'detached' && run.begun) return only(next, { type: 'detach' });
  const failed = run.error !== undefined && run.error !== state.run.error;
  if (failed) return only({ ...next, dialog: { kind: 'failure', offset: 0 } });
  // It may have been stopped from elsewhere: nothing is left to ask.
  const isMoot = next.dialog?.kind === 'leave' && !isUnderWay(run.state);
  return only(isMoot ? say({ ...next, dialog: undefined }, 'The training has ended; q leaves.') : next);
}

/** A message stays until the next key, which may be the one that reads it. The same state where there is none. */
const withoutMessage = (state: ScreenState, { id }: Command): ScreenState =>
  id === 'read' || state.message === undefined ? state : { ...state, message: undefined };

/** What was to be pressed again, and was not. */
const disarmed = (state: ScreenState, again?: Command['id']): ScreenState =>
  state.dialog?.kind === 'leave' && state.dialog.armed !== again ? { ...state, dialog: { kind: 'leave' } } : state;

/** A letter of another script says that its keyboard is not ours. */
function withUnknownKey(state: ScreenState, key: string): ScreenState {
  if (state.isToldOfLetters || !/^(?!\p{Script=Latin})\p{L}$/u.test(key)) return state;
  const text = 'Keys are Latin letters; Esc, arrows, Enter and Ctrl-C work on every keyboard.';
  return say({ ...state, isToldOfLetters: true }, text);
}

/** Pasted text is no row of keys: only what takes text has a use for it. */
const withPaste = (state: ScreenState, text: string): ScreenState =>
  takesText(state)
    ? typed(state, printable(text.replace(/\s+/g, ' '), 200))
    : say(state, 'Pasted text means nothing here; / and : take it.');

/** A command; during playback, going to another epoch pauses it there. */
function onCommand(state: ScreenState, command: Command): Reduced {
  const reduced = performed(state, command);
  const { state: after } = reduced;
  const went = after.cursor.epoch !== state.cursor.epoch || after.follow;
  return state.playback && went && after.playback === state.playback ? { ...reduced, state: paused(after) } : reduced;
}

function performed(state: ScreenState, command: Command): Reduced {
  switch (command.id) {
    case 'type':
      return only(typed(state, command.text));
    case 'wheel':
      return byName(state, state.dialog ? wheelInDialogs[command.direction] : command.direction) ?? only(state);
    default:
      if (isClick(command)) return outcome(clicked(state, command) ?? state);
  }
  const found = byName(state, command.id);
  if (found || !state.dialog) return found ?? only(state);
  // A click on a command that a dialog shows: it is carried out beneath.
  return performed({ ...state, dialog: undefined }, command);
}

const wheelInDialogs = {
  up: 'previous-choice',
  left: 'previous-choice',
  down: 'next-choice',
  right: 'next-choice',
} as const;

const outcome = (result: Outcome): Reduced => ('effects' in result ? result : only(result));

/** What a command of the key table does where keys go. */
function byName(state: ScreenState, id: CommandId): Reduced | undefined {
  const binding = bindingsAt(placeOf(state)).find(({ command }) => command === id);
  return binding && 'run' in binding ? outcome(binding.run(state)) : undefined;
}

/** Commands of the table are only a name. */
const isClick = (command: Click | { id: CommandId }): command is Click => Object.keys(command).length > 1;

function clicked(state: ScreenState, click: Click): Outcome | undefined {
  if (state.dialog) return click.id === 'choose' ? accepted(state, choicesOf(state), click.index) : undefined;
  if (click.id === 'metric') return withMetric(state, click.metric);
  if (click.id === 'pane') return withPane(state, click.pane);
  const none = (): undefined => undefined;
  const own = { home: clickedHome, compare: none, network: none, layer: clickedLayer, neuron: clickedNeuron };
  return own[screenOf(state)](state, click) ?? (click.id === 'cell' ? clickedCell(state, click) : undefined);
}
