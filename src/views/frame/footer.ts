import { bindingsAt, type CommandId, type KeyBinding } from '../keys/table.ts';
import { clocked } from '../model/metrics.ts';
import { placeOf, shownRun, type ScreenState } from '../model/state.ts';
import type { Trend } from '../../engine/metrics/trend.ts';
import { lineWidth, type Line, type Span } from '../text/spans.ts';
import { glyphsOf } from '../theme/glyphs.ts';

/** Signs of the hints that an ASCII screen writes differently. */
const asciiSigns: Record<string, string> = { '↑↓': 'up/dn', '←→': 'lt/rt', '⏎': 'enter' };

function hintSpans(binding: KeyBinding<CommandId>, state: ScreenState): Span[] {
  const [sign, word] = binding.hint ?? ['', ''];
  const shown = state.theme.ascii ? (asciiSigns[sign] ?? sign) : sign;
  const wording = typeof word === 'string' ? word : word(state);
  return [
    { text: shown, token: 'key', command: binding.command },
    { text: ` ${clocked(shownRun(state), wording)}`, token: 'muted', command: binding.command },
  ];
}

/** What a user knows without being told, most obvious last: left out first. */
const dropped: readonly CommandId[] = ['screenshot', 'scale', 'up', 'left'];
const always = (state: ScreenState): ReadonlySet<CommandId> =>
  // During playback the key that pauses it stays.
  new Set(state.playback ? ['help', 'leave', 'play'] : ['help', 'leave']);

/** The hints of the place where keys go, as many as fit; help and leave always stay, and what pauses the playback. */
export function footerLine(state: ScreenState, columns: number): Line {
  const hints = bindingsAt(placeOf(state))
    .filter(({ hint, isOffered }) => hint && (isOffered?.(state) ?? true))
    .map((binding) => ({ binding, spans: hintSpans(binding, state) }));
  const gap: Span = { text: '  ' };
  const joined = (list: typeof hints): Line =>
    list.flatMap(({ spans }, index) => (index === 0 ? spans : [gap, ...spans]));
  const kept = [...hints];
  while (kept.length > 1 && lineWidth(joined(kept)) > columns - 2) {
    const ranks = kept.map(({ binding }) => dropped.indexOf(binding.command));
    const first = ranks.indexOf(Math.max(...ranks));
    const drop = ranks[first] === -1 ? kept.findLastIndex(({ binding }) => !always(state).has(binding.command)) : first;
    kept.splice(drop < 0 ? 0 : drop, 1);
  }
  return [{ text: ' ' }, ...joined(kept)];
}

/** A short sign of a trend. */
export function trendSign(trend: Trend | undefined, state: ScreenState): string {
  const glyphs = glyphsOf(state.theme);
  return trend ? { rising: glyphs.up, falling: glyphs.down, steady: glyphs.level }[trend] : ' ';
}
