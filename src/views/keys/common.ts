import { extent, settled, toEpoch } from '../model/navigation.ts';
import { paused, playOrPause, stopped, withPlaybackRate } from '../model/playback.ts';
import { isUnderWay } from '../model/run-model.ts';
import { isTrainedHere, say, screenOf, shownRun, type Effect, type Reduced, type ScreenState } from '../model/state.ts';
import { bindings, runScreens, screens, type KeyBinding, type Outcome, type Place } from './binding.ts';
import { hasEpochs } from './moving.ts';
import { toggles, type Toggle, type ToggleName } from './toggles.ts';

const withEffects = (state: ScreenState, ...effects: Effect[]): Reduced => ({ state, effects });

/** Whether a training of this screen's own is under way. */
const isOurs = (state: ScreenState): boolean => isTrainedHere(state) && isUnderWay(state.run.state);

function back(state: ScreenState): Outcome {
  if (state.playback) return stopped(state);
  if (state.screens.length < 2) return say(state, 'This is the first screen; q leaves.');
  if (screenOf(state) === 'network' && isOurs(state)) {
    return say(state, 'Training goes on here; q leaves, and asks what becomes of it.');
  }
  const next = settled({ ...state, screens: state.screens.slice(0, -1) });
  return screenOf(state) === 'network' ? withEffects(paused(next), { type: 'close-run' }) : next;
}

/** The way back, after what leads further. */
export const backKeys = (where: readonly Place[]) =>
  bindings([
    {
      command: 'back',
      keys: ['escape'],
      label: 'back to where you came from',
      where,
      hint: ['esc', 'back'],
      isOffered: (state) => state.screens.length > 1,
      run: back,
    },
  ]);

function pause(state: ScreenState): Outcome {
  const { state: now } = state.run;
  if (isTrainedHere(state) && now === 'running') {
    return withEffects(say(state, 'Pausing after this batch…'), { type: 'send', command: { type: 'pause' } });
  }
  if (isTrainedHere(state) && now === 'paused') {
    return withEffects(state, { type: 'send', command: { type: 'resume' } });
  }
  if (state.control === 'other' && isUnderWay(now)) {
    return say(state, 'Another process trains this run; it can be paused there.', 'warning');
  }
  return say(state, now === 'preparing' ? 'Training has not begun yet.' : 'This run is not being trained.');
}

function freeze(state: ScreenState): ScreenState {
  if (!state.frozen && !isUnderWay(state.run.state)) {
    return say(state, 'Nothing to freeze: this run does not change any more.');
  }
  return settled({ ...state, frozen: state.frozen ? undefined : state.run });
}

const nextMetric = (state: ScreenState): ScreenState => ({
  ...state,
  metric: state.metric === 'density' ? 'discriminability' : 'density',
});

const metricKeys = bindings([
  {
    command: 'discriminability',
    keys: ['d'],
    label: 'show discriminability',
    where: runScreens,
    run: (state) => ({ ...state, metric: 'discriminability' }),
  },
  {
    command: 'density',
    keys: ['n'],
    label: 'show density',
    where: runScreens,
    run: (state) => ({ ...state, metric: 'density' }),
  },
  {
    command: 'next-metric',
    keys: ['tab'],
    label: 'next metric',
    where: ['network'],
    hint: ['d/n', 'metric'],
    isOffered: hasEpochs,
    run: nextMetric,
  },
  {
    command: 'previous-metric',
    keys: ['shift+tab'],
    label: 'previous metric',
    where: ['network'],
    keyOnly: true,
    run: nextMetric,
  },
]);

function stepped(state: ScreenState, { name, values, said }: Toggle & { name: ToggleName }): ScreenState {
  const value = values[(values.indexOf(state.toggles[name]) + 1) % values.length] ?? '';
  const next = { ...state, toggles: { ...state.toggles, [name]: value } };
  return said ? say(next, said(value)) : next;
}

const toggleKeys = toggles.map((toggle): KeyBinding<ToggleName> => ({
  command: toggle.name,
  keys: [toggle.key],
  label: toggle.label,
  where: toggle.where,
  hint: [toggle.key, toggle.hint],
  isOffered: hasEpochs,
  run: (state) => stepped(state, toggle),
}));

/** What any view of a run takes: its metric and colours, its training, its playback. */
export const runKeys = [
  ...bindings([
    {
      command: 'first-epoch',
      keys: ['home'],
      label: 'first epoch',
      where: runScreens,
      run: (state) => toEpoch(state, 0),
    },
    {
      command: 'last-epoch',
      keys: ['end'],
      label: 'newest epoch, and follow it',
      where: runScreens,
      run: (state) => toEpoch(state, extent(state).epochs - 1),
    },
  ]),
  ...metricKeys,
  ...toggleKeys,
  ...bindings([
    {
      command: 'freeze',
      keys: ['f'],
      label: 'freeze the display; collecting goes on',
      where: runScreens,
      hint: ['f', ({ frozen }) => (frozen ? 'unfreeze' : 'freeze')],
      isOffered: ({ frozen, run }) => frozen !== undefined || (isUnderWay(run.state) && run.epochs.length > 0),
      run: freeze,
    },
    {
      command: 'pause',
      keys: ['p'],
      label: 'pause training, or go on',
      where: runScreens,
      hint: ['p', ({ run }) => (run.state === 'paused' ? 'go on' : 'pause')],
      isOffered: (state) => isTrainedHere(state) && (state.run.state === 'running' || state.run.state === 'paused'),
      run: pause,
    },
    {
      command: 'play',
      keys: [' '],
      label: 'play the epochs of a finished run, or pause',
      where: runScreens,
      hint: ['space', ({ playback }) => (playback ? 'pause' : 'play')],
      isOffered: (state) =>
        state.playback !== undefined || (!isUnderWay(state.run.state) && shownRun(state).epochs.length > 1),
      run: playOrPause,
    },
    {
      command: 'slower',
      keys: ['<'],
      label: 'play slower',
      where: runScreens,
      run: (state) => withPlaybackRate(state, -1),
    },
    {
      command: 'faster',
      keys: ['>'],
      label: 'play faster',
      where: runScreens,
      run: (state) => withPlaybackRate(state, 1),
    },
    {
      command: 'find',
      keys: ['/'],
      label: 'find a layer by name',
      where: runScreens,
      run: (state) =>
        state.run.header
          ? { ...state, dialog: { kind: 'find', text: '', choice: 0 } }
          : say(state, 'There are no layers yet.'),
    },
  ]),
];

/** Every screen. */
export const everywhereKeys = bindings([
  {
    command: 'screenshot',
    keys: ['S'],
    label: 'save a screenshot: PNG and text',
    where: screens,
    hint: ['S', 'shot'],
    run: (state) => withEffects(say(state, 'Saving a screenshot…'), { type: 'screenshot' }),
  },
  {
    command: 'palette',
    keys: [':'],
    label: 'all commands',
    where: screens,
    run: (state) => ({ ...state, dialog: { kind: 'palette', text: '', choice: 0 } }),
  },
  {
    command: 'help',
    keys: ['?'],
    label: 'this help',
    where: screens,
    hint: ['?', 'help'],
    run: (state) => ({ ...state, dialog: { kind: 'help', offset: 0 } }),
  },
  {
    command: 'redraw',
    keys: ['r', 'ctrl+l'],
    label: 'draw the screen anew',
    where: screens,
    run: (state) => withEffects(state, { type: 'redraw' }),
  },
  {
    command: 'images',
    keys: ['i'],
    label: 'draw pictures in another way',
    where: screens,
    run: (state) => withEffects(state, { type: 'images' }),
  },
  {
    command: 'mouse',
    keys: ['m'],
    label: 'listen to the mouse, or leave it to the terminal',
    where: screens,
    run: (state) =>
      withEffects(
        say({ ...state, mouse: !state.mouse }, state.mouse ? 'Mouse off: select text as usual.' : 'Mouse on.'),
        { type: 'mouse', on: !state.mouse },
      ),
  },
  {
    command: 'leave',
    keys: ['q', 'ctrl+c'],
    label: 'leave; asks while training',
    where: screens,
    hint: ['q', 'leave'],
    run: (state) => (isOurs(state) ? { ...state, dialog: { kind: 'leave' } } : withEffects(state, { type: 'leave' })),
  },
]);
