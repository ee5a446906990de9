import type { Command, CommandId } from '../keys/index.ts';
import { inDialog } from '../dialogs/keys.ts';
import { reduceNeuron } from '../neuron/keys.ts';
import { emptyExploration } from '../layer/state.ts';
import { withAnswer } from '../layer/answers.ts';
import { advanced, paused, playOrPause, stopped, withPlaybackRate } from './playback.ts';
import { reduceLayer } from '../layer/keys.ts';
import { moved, settled } from './navigation.ts';
import { otherNeuron } from '../neuron/state.ts';
import { reduceHome } from '../home/keys.ts';
import { applyRunEvents, emptyRun, isUnderWay } from './run-model.ts';
import {
  epochColumn,
  layerRow,
  screenOf,
  type Effect,
  type Message,
  type Reduced,
  type ScreenState,
  type ViewAction,
} from './state.ts';

const only = (state: ScreenState, ...effects: Effect[]): Reduced => ({ state, effects });

const say = (state: ScreenState, text: string, tone: Message['tone'] = 'plain'): ScreenState => ({
  ...state,
  message: { text, tone },
});

/** The whole screen's next state, and what the world should do about it. Pure. */
export function reduce(state: ScreenState, action: ViewAction): Reduced {
  const reduced = withNeuronKept(state, step(state, action));
  const after = reduced.state;
  // Neurons and clusters are chosen of one layer.
  if (after.cursor.layer === state.cursor.layer) return reduced;
  const chosen = { bucket: undefined, cluster: 0, neuron: undefined, attended: -1, rowOffset: 0 };
  return { ...reduced, state: settled({ ...after, exploration: { ...after.exploration, ...chosen } }) };
}

/** What was chosen of one neuron means nothing to another. */
function withNeuronKept(before: ScreenState, reduced: Reduced): Reduced {
  const { state } = reduced;
  if (state.exploration.neuron === before.exploration.neuron) return reduced;
  return { ...reduced, state: { ...state, neuron: otherNeuron(state.neuron) } };
}

function step(state: ScreenState, action: ViewAction): Reduced {
  switch (action.source) {
    case 'run':
      return withRun(state, action);
    case 'key':
      return onKey({ ...state, message: undefined }, action.command);
    case 'playback':
      return only(advanced(state));
    case 'resize':
      return only(settled({ ...state, size: action.size }), { type: 'redraw' });
    case 'message':
      return only({ ...state, message: action.message });
    case 'home':
      return only({ ...state, home: { ...state.home, entries: action.entries, demo: action.demo } });
    case 'theme':
      return only({ ...state, theme: { ...state.theme, ...action.theme } });
    case 'exploration':
      return only(settled(withAnswer(state, action.answer)));
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
          offset: { layer: 0, epoch: 0 },
          exploration: { ...emptyExploration, settings: state.exploration.settings },
        }),
      );
  }
}

function withRun(state: ScreenState, action: Extract<ViewAction, { source: 'run' }>): Reduced {
  const run = applyRunEvents(state.run, action.events);
  const settledState = settled({ ...state, run });
  const notice = action.events.findLast((event) => event.type === 'notice');
  // Before the first epoch notices have a place of their own.
  const next = notice && run.epochs.length > 0 ? say(settledState, notice.text, 'warning') : settledState;
  // Whoever asked to stop and leave has waited for the trainer to say that it did.
  if (state.ending && !isUnderWay(run.state)) return only(next, { type: 'leave' });
  const failed = run.error !== undefined && run.error !== state.run.error;
  return only(failed ? { ...next, dialog: { kind: 'failure' } } : next);
}

/** A key during playback: Esc stops it, and going to another epoch pauses it there. */
function onKey(state: ScreenState, command: Command): Reduced {
  if (!state.playback) return onCommand(state, command);
  if (command.id === 'back' && !state.dialog) return only(stopped(state));
  const reduced = onCommand(state, command);
  const after = reduced.state;
  const went = after.cursor.epoch !== state.cursor.epoch || after.follow;
  return went && after.playback === state.playback ? { ...reduced, state: paused(after) } : reduced;
}

function onCommand(state: ScreenState, command: Command): Reduced {
  if (state.dialog) {
    if (state.dialog.kind === 'leave') return leaving(state, command);
    const inside = inDialog(state, state.dialog, command);
    if (inside) return inside.run ? onCommand(inside.state, inside.run) : only(inside.state);
    // A click on the footer's commands still counts.
    if (!isPlain(command)) return only(state);
    return onCommand({ ...state, dialog: undefined }, command);
  }
  if (screenOf(state) === 'home') {
    const home = reduceHome(state, command);
    if (home) return home;
  }
  if (screenOf(state) === 'layer') {
    const layer = reduceLayer(state, command);
    if (layer) return only(layer);
  }
  if (screenOf(state) === 'neuron') {
    const neuron = reduceNeuron(state, command);
    if (neuron) return only(settled(neuron));
  }
  if (command.id === 'wheel') return only(moved(state, command.direction) ?? state);
  if (command.id === 'cell') return only(toCell(state, command));
  if (!isPlain(command)) return only(state);
  const after = screenOf(state) === 'home' ? undefined : moved(state, command.id);
  return after ? only(after) : onScreenCommand(state, command.id);
}

/** Commands that are only a name; the others belong to a dialog or to one screen, and mean nothing elsewhere. */
const isPlain = (command: Command): command is { id: CommandId } => Object.keys(command).length === 1;

function toCell(state: ScreenState, command: Extract<Command, { id: 'cell' }>): ScreenState {
  const again = command.layer === state.cursor.layer && command.epoch === undefined;
  if (again && screenOf(state) === 'network') return openLayer(state);
  const epoch = command.epoch ?? state.cursor.epoch;
  return settled({
    ...state,
    cursor: { layer: layerRow(command.layer), epoch: epochColumn(epoch) },
    follow: command.epoch === undefined ? state.follow : epoch >= (state.frozen ?? state.run).epochs.length - 1,
  });
}

const openLayer = (state: ScreenState): ScreenState => settled({ ...state, screens: [...state.screens, 'layer'] });

function onScreenCommand(state: ScreenState, id: CommandId): Reduced {
  switch (id) {
    case 'discriminability':
    case 'density':
      return only({ ...state, metric: id });
    case 'next-metric':
    case 'previous-metric':
      return only({ ...state, metric: state.metric === 'density' ? 'discriminability' : 'density' });
    case 'scale':
      return only({ ...state, scale: state.scale === 'layer' ? 'common' : 'layer' });
    case 'open':
      return only(state.run.header ? openLayer(state) : state);
    case 'back':
      return back(state);
    case 'find':
      return state.run.header
        ? only({ ...state, dialog: { kind: 'find', text: '', choice: 0 } })
        : only(say(state, 'There are no layers yet.'));
    case 'palette':
      return only({ ...state, dialog: { kind: 'palette', text: '', choice: 0 } });
    case 'help':
      return only({ ...state, dialog: { kind: 'help', offset: 0 } });
    case 'freeze':
      if (!state.frozen && !isUnderWay(state.run.state)) {
        return only(say(state, 'Nothing to freeze: this run does not change any more.'));
      }
      return only(settled({ ...state, frozen: state.frozen ? undefined : state.run }));
    case 'pause':
      return pause(state);
    case 'play':
      return only(playOrPause(state));
    case 'slower':
    case 'faster':
      return only(withPlaybackRate(state, id === 'faster' ? 1 : -1));
    case 'screenshot':
      return only(say(state, 'Saving a screenshot…'), { type: 'screenshot' });
    case 'redraw':
      return only(state, { type: 'redraw' });
    case 'images':
      return only(state, { type: 'images' });
    case 'mouse':
      return only(
        say({ ...state, mouse: !state.mouse }, state.mouse ? 'Mouse off: select text as usual.' : 'Mouse on.'),
        { type: 'mouse', on: !state.mouse },
      );
    case 'leave':
      return isOurs(state) ? only({ ...state, dialog: { kind: 'leave' } }) : only(state, { type: 'leave' });
    default:
      return only(state);
  }
}

const isOurs = (state: ScreenState): boolean => state.control === 'own' && isUnderWay(state.run.state);

function back(state: ScreenState): Reduced {
  if (state.screens.length < 2) return only(say(state, 'This is the first screen; q leaves.'));
  if (screenOf(state) === 'network' && isOurs(state)) {
    return only(say(state, 'Training goes on here; q leaves, and asks what becomes of it.'));
  }
  const next = settled({ ...state, screens: state.screens.slice(0, -1) });
  return screenOf(state) === 'network' ? only(paused(next), { type: 'close-run' }) : only(next);
}

function pause(state: ScreenState): Reduced {
  const { state: now } = state.run;
  if (state.control === 'own' && now === 'running') {
    return only(say(state, 'Pausing after this batch…'), { type: 'send', command: { type: 'pause' } });
  }
  if (state.control === 'own' && now === 'paused') {
    return only(state, { type: 'send', command: { type: 'resume' } });
  }
  if (state.control === 'other' && isUnderWay(now)) {
    return only(say(state, 'Another process trains this run; it can be paused there.', 'warning'));
  }
  return only(say(state, now === 'preparing' ? 'Training has not begun yet.' : 'This run is not being trained.'));
}

function leaving(state: ScreenState, command: Command): Reduced {
  const closed: ScreenState = { ...state, dialog: undefined };
  switch (command.id) {
    case 'detach':
      return only(closed, { type: 'detach' });
    case 'stop-after-epoch':
      return only(say({ ...closed, ending: 'after-epoch' }, 'Stopping after this epoch…'), {
        type: 'send',
        command: { type: 'stop', when: 'after-epoch' },
      });
    case 'stop-now':
      return only(say({ ...closed, ending: 'now' }, 'Stopping…'), {
        type: 'send',
        command: { type: 'stop', when: 'now' },
      });
    case 'cancel':
      return only(closed);
    default:
      return only(state);
  }
}
