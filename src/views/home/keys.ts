import { backKey } from '../keys/common.ts';
import { bindings, type Click, type Outcome } from '../keys/binding.ts';
import { openKeys, pageKeys, rowKeys, type List } from '../keys/moving.ts';
import { say, type ScreenState } from '../model/state.ts';
import { clamp } from '../model/steps.ts';

/** Rows above the runs that can be chosen: training a new one, and the demo where there is one. */
export const homeOffers = ({ home }: ScreenState): readonly ('train' | 'demo')[] =>
  home.demo === undefined ? ['train'] : ['train', 'demo'];

/** Runs that the home screen's window holds: the rest of the screen is title, headings, status and footer. */
export const homeWindow = (state: ScreenState): number => Math.max(1, state.size.rows - 7);

function choose(state: ScreenState, choice: number): ScreenState {
  const last = homeOffers(state).length + state.home.entries.length - 1;
  const next = clamp(choice, 0, last);
  const visible = homeWindow(state);
  const offset = next < state.home.offset ? next : Math.max(state.home.offset, next - visible + 1);
  return { ...state, home: { ...state.home, choice: next, offset } };
}

/** The home screen with the runs that there are by now: the cursor stays on its own. */
export function withRuns(
  state: ScreenState,
  listed: Pick<ScreenState['home'], 'entries' | 'demo' | 'unreadable'>,
): ScreenState {
  const { choice, entries } = state.home;
  const chosen = entries[choice - homeOffers(state).length]?.directory;
  const next = { ...state, home: { ...state.home, ...listed } };
  const place = listed.entries.findIndex(({ directory }) => directory === chosen);
  return choose(next, place < 0 ? choice : homeOffers(next).length + place);
}

const train = (state: ScreenState): Outcome => ({ state, effects: [{ type: 'train' }] });

function openDemo(state: ScreenState): Outcome {
  const { demo } = state.home;
  if (demo !== undefined) return { state, effects: [{ type: 'open-run', directory: demo }] };
  return say(state, 'This installation has no recorded demo run.', 'warning');
}

function openChosen(state: ScreenState): Outcome {
  const { choice, entries } = state.home;
  const offers = homeOffers(state);
  const entry = entries[choice - offers.length];
  if (entry) return { state, effects: [{ type: 'open-run', directory: entry.directory }] };
  return offers[choice] === 'demo' ? openDemo(state) : train(state);
}

/** Marks the chosen run, or takes its mark away; the next row is chosen. */
function mark(state: ScreenState): ScreenState {
  const { choice, entries, marked } = state.home;
  const entry = entries[choice - homeOffers(state).length];
  if (!entry) return say(state, 'Only runs are marked.');
  const { directory } = entry;
  const next = marked.includes(directory) ? marked.filter((one) => one !== directory) : [...marked, directory];
  return choose({ ...state, home: { ...state.home, marked: next } }, choice + 1);
}

function compareMarked(state: ScreenState): Outcome {
  const { marked, entries } = state.home;
  const directories = marked.filter((one) => entries.some(({ directory }) => directory === one));
  if (directories.length < 2) return say(state, 'Mark two runs or more with space; c compares them.');
  return { state: say(state, 'Reading the runs…'), effects: [{ type: 'compare', directories }] };
}

/** A click on the home screen; nothing for those that mean the same everywhere. */
export function clickedHome(state: ScreenState, click: Click): Outcome | undefined {
  if (click.id !== 'choose') return undefined;
  return click.index === state.home.choice ? openChosen(state) : choose(state, click.index);
}

const rows: List = {
  place: 'home',
  row: 'row',
  hint: 'choose',
  isOffered: () => true,
  move: (state, step) => choose(state, state.home.choice + step),
  page: (state) => homeWindow(state) - 1,
};

const hasDemo = (state: ScreenState): boolean => state.home.demo !== undefined;

const hasRuns = (state: ScreenState): boolean => state.home.entries.length > 1;

export const homeKeys = [
  ...rowKeys(rows),
  ...openKeys('home', 'open what is selected', 'open', openChosen),
  ...bindings(
    ['home'],
    [
      backKey,
      {
        command: 'mark',
        keys: [' '],
        label: 'mark a run, to be compared',
        hint: ['space', 'mark'],
        isOffered: hasRuns,
        run: mark,
      },
      {
        command: 'compare',
        keys: ['c'],
        label: 'compare the marked runs',
        hint: ['c', 'compare'],
        isOffered: ({ home }) => home.marked.length > 1,
        run: compareMarked,
      },
      { command: 'train', keys: ['t'], label: 'train lenet on CIFAR-10', hint: ['t', 'train'], run: train },
      {
        command: 'demo',
        keys: ['d'],
        label: 'open the recorded demo',
        hint: ['d', 'demo'],
        isOffered: hasDemo,
        run: openDemo,
      },
    ],
  ),
  ...pageKeys(rows),
];
