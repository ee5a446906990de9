import { settled } from './navigation.ts';
import { isUnderWay } from './run-model.ts';
import { epochColumn, shownRun, type ScreenState } from './state.ts';

/** Epochs a second, from the slowest. */
const filmRates: readonly number[] = [1, 2, 4, 8, 16];

const say = (state: ScreenState, text: string): ScreenState => ({ ...state, message: { text, tone: 'plain' } });

const lastOf = (state: ScreenState): number => shownRun(state).epochs.length - 1;

/** Begins to play, from the first epoch where the last one is shown; or pauses. */
export function playOrPause(state: ScreenState): ScreenState {
  if (state.film) return paused(state);
  if (isUnderWay(state.run.state)) return say(state, 'A film is played of a run that does not grow any more.');
  const last = lastOf(state);
  if (last < 1) return say(state, 'A film needs two epochs at least.');
  const film = { from: state.cursor.epoch, follow: state.follow };
  const start = state.cursor.epoch >= last ? 0 : state.cursor.epoch;
  return settled({ ...state, film, follow: false, cursor: { ...state.cursor, epoch: epochColumn(start) } });
}

/** The film's next epoch. It ends with the last one. */
export function advanced(state: ScreenState): ScreenState {
  if (!state.film) return state;
  const last = lastOf(state);
  const next = state.cursor.epoch + 1;
  const moved = settled({ ...state, cursor: { ...state.cursor, epoch: epochColumn(Math.min(next, last)) } });
  return next >= last ? settled({ ...paused(moved), follow: true }) : moved;
}

/** The film ends where it is. */
export const paused = (state: ScreenState): ScreenState => ({ ...state, film: undefined });

/** The film ends, and what was shown before it is shown again. */
export function stopped(state: ScreenState): ScreenState {
  const { film } = state;
  if (!film) return state;
  return settled({
    ...paused(state),
    follow: film.follow,
    cursor: { ...state.cursor, epoch: film.from },
  });
}

/** The next rate of the film, playing or not. */
export function withFilmRate(state: ScreenState, step: 1 | -1): ScreenState {
  const place = filmRates.indexOf(state.filmRate) + step;
  const filmRate = filmRates[Math.max(0, Math.min(place, filmRates.length - 1))] ?? state.filmRate;
  const words = `${filmRate} ${filmRate === 1 ? 'epoch' : 'epochs'} a second`;
  return say({ ...state, filmRate }, `The film shows ${words}.`);
}
