import { clocked } from './metrics.ts';
import { settled } from './navigation.ts';
import { isUnderWay } from './run-model.ts';
import { epochColumn, say, shownRun, type ScreenState } from './state.ts';
import { clamp } from './steps.ts';

/** Epochs a second, from the slowest. */
const playbackRates: readonly number[] = [1, 2, 4, 8, 16];

const lastOf = (state: ScreenState): number => shownRun(state).epochs.length - 1;

/** Begins to play, from the first epoch where the last one is shown; or pauses. */
export function playOrPause(state: ScreenState): ScreenState {
  if (state.playback) return paused(state);
  if (isUnderWay(state.run.state)) return say(state, 'Only a run that does not grow any more can be played.');
  const last = lastOf(state);
  if (last < 1) return say(state, clocked(state.run, 'Playing takes two epochs at least.'));
  const playback = { from: state.cursor.epoch, follow: state.follow };
  const start = state.cursor.epoch >= last ? 0 : state.cursor.epoch;
  return settled({ ...state, playback, follow: false, cursor: { ...state.cursor, epoch: epochColumn(start) } });
}

/** The next epoch of the playback, which ends with the last one. */
export function advanced(state: ScreenState): ScreenState {
  if (!state.playback) return state;
  const last = lastOf(state);
  const next = state.cursor.epoch + 1;
  const moved = settled({ ...state, cursor: { ...state.cursor, epoch: epochColumn(Math.min(next, last)) } });
  return next >= last ? settled({ ...paused(moved), follow: true }) : moved;
}

/** The playback ends where it is. */
export const paused = (state: ScreenState): ScreenState => ({ ...state, playback: undefined });

/** The playback ends, and what was shown before it is shown again. */
export function stopped(state: ScreenState): ScreenState {
  const { playback } = state;
  if (!playback) return state;
  return settled({
    ...paused(state),
    follow: playback.follow,
    cursor: { ...state.cursor, epoch: playback.from },
  });
}

/** The next rate of the playback, playing or not. */
export function withPlaybackRate(state: ScreenState, step: number): ScreenState {
  const place = playbackRates.indexOf(state.playbackRate) + step;
  const playbackRate = playbackRates[clamp(place, 0, playbackRates.length - 1)] ?? state.playbackRate;
  const words = `${playbackRate} ${playbackRate === 1 ? 'epoch' : 'epochs'} a second`;
  return say({ ...state, playbackRate }, clocked(state.run, `Playback shows ${words}.`));
}
