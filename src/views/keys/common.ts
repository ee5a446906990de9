import { layerMetrics } from '../../engine/metrics/index.ts';
import { findingsOf } from '../model/findings.ts';
import { metricsOfRun, noMetrics, stepMetric, withMetric } from '../model/metrics.ts';
import { settled, toEpoch } from '../model/navigation.ts';
import { paused, playOrPause, stopped, withPlaybackRate } from '../model/playback.ts';
import { emptyRun, isUnderWay } from '../model/run-model.ts';
import {
  isTrainedHere,
  say,
  screenOf,
  shownRun,
  takes,
  type Effect,
  type Message,
  type Reduced,
  type ScreenState,
} from '../model/state.ts';
import { cycled } from '../model/steps.ts';
import {
  bindings,
  layerPlaces,
  neuronPlaces,
  places,
  runScreens,
  screens,
  stepKeys,
  type KeyBinding,
  type Outcome,
} from './binding.ts';
import { hasEpochs } from './moving.ts';
import { toggles, type Toggle, type ToggleName } from './toggles.ts';

const withEffects = (state: ScreenState, ...effects: Effect[]): Reduced => ({ state, effects });

function back(state: ScreenState): Outcome {
  if (state.playback) return stopped(state);
  if (state.screens.length < 2) return say(state, 'This is the first screen; q leaves.');
  if (screenOf(state) === 'network' && isTrainedHere(state) && isUnderWay(state.run.state)) {
    return say(state, 'Training goes on here; q leaves, and asks what becomes of it.');
  }
  const next = settled({ ...state, screens: state.screens.slice(0, -1) });
  if (screenOf(state) === 'compare') return { ...next, comparison: undefined, run: emptyRun };
  return screenOf(state) === 'network' ? withEffects(paused(next), { type: 'close-run' }) : next;
}

/** The way back: each screen has it after what leads further. */
export const backKey = {
  command: 'back',
  keys: ['escape'],
  label: 'back to where you came from',
  hint: ['esc', 'back'],
  isOffered: (state: ScreenState) => state.screens.length > 1,
  run: back,
} as const;

const hasPaused = ({ run }: ScreenState): boolean => run.state === 'paused';
const canPause = (state: ScreenState): boolean => takes(state, hasPaused(state) ? 'continue' : 'pause');

function pause(state: ScreenState): Outcome {
  const { state: now } = state.run;
  if (canPause(state)) {
    const text = hasPaused(state) ? 'Asked to go on…' : 'Asked to pause after this batch…';
    const message: Message = { text, tone: 'plain', isAsked: true };
    const command = { type: hasPaused(state) ? 'resume' : 'pause' } as const;
    return withEffects({ ...state, message }, { type: 'send', command });
  }
  if (now === 'preparing') return say(state, 'Training has not begun yet.');
  return isUnderWay(now)
    ? say(state, 'What trains this run takes no requests; it can only be paused there.', 'warning')
    : say(state, 'This run is not being trained.');
}

function freeze(state: ScreenState): ScreenState {
  if (!state.frozen && !isUnderWay(state.run.state)) {
    return say(state, 'Nothing to freeze: this run does not change any more.');
  }
  return settled({ ...state, frozen: state.frozen ? undefined : state.run });
}

function listMetrics(state: ScreenState): ScreenState {
  const known = metricsOfRun(shownRun(state));
  if (known.length === 0) return say(state, noMetrics(state));
  return { ...state, dialog: { kind: 'metrics', text: '', choice: Math.max(0, known.indexOf(state.metric)) } };
}

const metricKeys = [
  ...bindings(
    runScreens,
    layerMetrics.flatMap(({ id, key, label }) =>
      key === undefined
        ? []
        : [
            {
              command: 'metric' as const,
              keys: [key],
              label: `show ${label}`,
              run: (state: ScreenState) => withMetric(state, id),
              click: () => ({ id: 'metric' as const, metric: id }),
            },
          ],
    ),
  ),
  ...stepKeys(['network'], stepMetric, [
    {
      command: 'next-metric',
      keys: ['m', 'tab'],
      label: 'next metric',
      by: 1,
      hint: ['m', 'metric'],
      isOffered: hasEpochs,
    },
    { command: 'previous-metric', keys: ['shift+tab'], label: 'previous metric', by: -1, keyOnly: true },
  ]),
  ...stepKeys([...layerPlaces, ...neuronPlaces], stepMetric, [
    { command: 'next-metric', keys: ['m'], label: 'next metric', by: 1 },
  ]),
  ...bindings(runScreens, [{ command: 'metrics', keys: ['M'], label: 'all metrics of the run', run: listMetrics }]),
];

function stepped(state: ScreenState, { name, values, said }: Toggle & { name: ToggleName }): ScreenState {
  const value = cycled(values, state.toggles[name]) ?? '';
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

const canPlay = (state: ScreenState): boolean =>
  state.playback !== undefined || (!isUnderWay(state.run.state) && shownRun(state).epochs.length > 1);
const canFreeze = ({ frozen, run }: ScreenState): boolean =>
  frozen !== undefined || (isUnderWay(run.state) && run.epochs.length > 0);

const find = (state: ScreenState): ScreenState =>
  state.run.header
    ? { ...state, dialog: { kind: 'find', text: '', choice: 0 } }
    : say(state, 'There are no layers yet.');

const hasFindings = (state: ScreenState): boolean => findingsOf(shownRun(state)).length > 0;

function listFindings(state: ScreenState): ScreenState {
  if (hasFindings(state)) return { ...state, dialog: { kind: 'findings', text: '', choice: 0 } };
  return say(state, hasEpochs(state) ? 'Nothing found: this run looks healthy so far.' : noMetrics(state));
}

/** What any view of a run takes: its metric and colours, its training, its playback. */
export const runKeys = [
  ...bindings(runScreens, [
    {
      command: 'findings',
      keys: ['!'],
      label: 'what is wrong with the run, and what to try',
      hint: [
        '!',
        (state) => {
          const { length } = findingsOf(shownRun(state));
          return `${length} finding${length === 1 ? '' : 's'}`;
        },
      ],
      isOffered: hasFindings,
      run: listFindings,
    },
  ]),
  ...stepKeys(runScreens, toEpoch, [
    { command: 'first-epoch', keys: ['home'], label: 'first epoch', by: 0 },
    { command: 'last-epoch', keys: ['end'], label: 'newest epoch, and follow it', by: Infinity },
  ]),
  ...metricKeys,
  ...toggleKeys,
  ...bindings(runScreens, [
    {
      command: 'freeze',
      keys: ['f'],
      label: 'freeze the display; collecting goes on',
      hint: ['f', ({ frozen }) => (frozen ? 'unfreeze' : 'freeze')],
      isOffered: canFreeze,
      run: freeze,
    },
    {
      command: 'pause',
      keys: ['p'],
      label: 'pause training, or go on',
      hint: ['p', ({ run }) => (run.state === 'paused' ? 'go on' : 'pause')],
      isOffered: canPause,
      run: pause,
    },
    {
      command: 'play',
      keys: [' '],
      label: 'play the epochs of a finished run, or pause',
      hint: ['space', ({ playback }) => (playback ? 'pause' : 'play')],
      isOffered: canPlay,
      run: playOrPause,
    },
  ]),
  ...stepKeys(runScreens, withPlaybackRate, [
    { command: 'slower', keys: ['<'], label: 'play slower', by: -1 },
    { command: 'faster', keys: ['>'], label: 'play faster', by: 1 },
  ]),
  ...bindings(runScreens, [{ command: 'find', keys: ['/'], label: 'find a layer by name', run: find }]),
];

const screenshot = (state: ScreenState): Outcome =>
  withEffects(say(state, 'Saving a screenshot…'), { type: 'screenshot' });

const switchMouse = (state: ScreenState): Outcome =>
  withEffects(say({ ...state, mouse: !state.mouse }, state.mouse ? 'Mouse off: select text as usual.' : 'Mouse on.'), {
    type: 'mouse',
    on: !state.mouse,
  });

const leave = (state: ScreenState): Outcome =>
  takes(state, 'stop-now') ? { ...state, dialog: { kind: 'leave' } } : withEffects(state, { type: 'leave' });

/** Every screen. */
export const everywhereKeys = bindings(screens, [
  {
    command: 'screenshot',
    keys: ['S'],
    label: 'save a screenshot: PNG and text',
    hint: ['S', 'shot'],
    run: screenshot,
  },
  {
    command: 'palette',
    keys: [':'],
    label: 'all commands',
    run: (state) => ({ ...state, dialog: { kind: 'palette', text: '', choice: 0 } }),
  },
  {
    command: 'help',
    keys: ['?'],
    label: 'this help',
    hint: ['?', 'help'],
    run: (state) => ({ ...state, dialog: { kind: 'help', offset: 0 } }),
  },
  {
    command: 'redraw',
    keys: ['r', 'ctrl+l'],
    label: 'draw the screen anew',
    run: (state) => withEffects(state, { type: 'redraw' }),
  },
  {
    command: 'images',
    keys: ['i'],
    label: 'draw pictures in another way',
    run: (state) => withEffects(state, { type: 'images' }),
  },
  { command: 'mouse', keys: ['P'], label: 'listen to the mouse, or leave it to the terminal', run: switchMouse },
  { command: 'leave', keys: ['q', 'ctrl+c'], label: 'leave; asks while training', hint: ['q', 'leave'], run: leave },
  {
    command: 'read',
    keys: ['e'],
    label: 'all of a message that was cut; Enter does so too',
    run: ({ message, ...state }) =>
      message
        ? { ...state, message, dialog: { kind: 'message', said: message.text, offset: 0 } }
        : say({ ...state, message }, 'There is no message.'),
  },
]);

/** Also over dialogs. */
export const alwaysKeys = bindings(places, [
  {
    command: 'suspend',
    keys: ['ctrl+z'],
    label: 'back to the shell for a while; fg comes back',
    run: (state) => withEffects(state, { type: 'suspend' }),
  },
]);
