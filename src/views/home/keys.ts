import type { Command } from '../keys/index.ts';
import { rowSteps } from '../model/row-steps.ts';
import type { Reduced, ScreenState } from '../model/state.ts';

/** Rows above the runs that can be chosen: training a new one, and the demo where there is one. */
export const homeOffers = ({ home }: ScreenState): readonly ('train' | 'demo')[] =>
  home.demo === undefined ? ['train'] : ['train', 'demo'];

/** Rows of the home screen that can be chosen. */
const homeChoices = (state: ScreenState): number => homeOffers(state).length + state.home.entries.length;

/** Runs that the home screen's window holds: the rest of the screen is title, headings, status and footer. */
export const homeWindow = (state: ScreenState): number => Math.max(1, state.size.rows - 7);

function choose(state: ScreenState, choice: number): Reduced {
  const last = homeChoices(state) - 1;
  const next = Math.max(0, Math.min(choice, last));
  const visible = homeWindow(state);
  const offset = next < state.home.offset ? next : Math.max(state.home.offset, next - visible + 1);
  return { state: { ...state, home: { ...state.home, choice: next, offset } }, effects: [] };
}

function openChosen(state: ScreenState): Reduced {
  const { choice, entries } = state.home;
  const offers = homeOffers(state);
  const entry = entries[choice - offers.length];
  if (entry) return { state, effects: [{ type: 'open-run', directory: entry.directory }] };
  return offers[choice] === 'demo' ? openDemo(state) : { state, effects: [{ type: 'train' }] };
}

function openDemo(state: ScreenState): Reduced {
  const { demo } = state.home;
  if (demo !== undefined) return { state, effects: [{ type: 'open-run', directory: demo }] };
  const text = 'This installation has no recorded demo run.';
  return { state: { ...state, message: { text, tone: 'warning' } }, effects: [] };
}

/** What a command does on the home screen; nothing for those that mean the same everywhere. */
export function reduceHome(state: ScreenState, command: Command): Reduced | undefined {
  const { choice } = state.home;
  const page = homeWindow(state) - 1;
  const step = rowSteps(page, Math.ceil(page / 2))[command.id];
  if (step !== undefined) return choose(state, choice + step);
  switch (command.id) {
    case 'wheel':
      return choose(state, choice + (command.direction === 'down' ? 1 : -1));
    case 'choose':
      return command.index === choice ? openChosen(state) : choose(state, command.index);
    case 'open':
      return openChosen(state);
    case 'demo':
      return openDemo(state);
    case 'train':
      return { state, effects: [{ type: 'train' }] };
    default:
      return undefined;
  }
}
