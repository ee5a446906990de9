import { printable } from '../../engine/base/printable.ts';
import type { Size } from '../../imaging/cells/cells.ts';
import { keyLabel, type KeyBinding, type Place } from '../keys/binding.ts';
import type { CommandId } from '../keys/table.ts';
import { clocked } from '../model/metrics.ts';
import { emptyRun, type RunModel } from '../model/run-model.ts';
import { placeUnder, shownRun, type ScreenState } from '../model/state.ts';
import { fit, textWidth, wrapped, type Line } from '../text/spans.ts';

/** The key table's bindings at a place. */
type BindingsAt = (place: Place) => readonly KeyBinding<CommandId>[];

/** Characters of a paragraph. */
const longest = 4000;

/** Below this many columns only the first of a binding's keys is told: what it does is what one looks for. */
const allKeysFrom = 50;

/** Keys and what they do, broken into lines where there is no room for one. @param most keys of one binding */
export function bindingLines(
  bindings: readonly Pick<KeyBinding<CommandId>, 'keys' | 'label' | 'command'>[],
  columns: number,
  ascii: boolean,
  most: number,
): Line[] {
  const asciiNames: Record<string, string> = { '↑': 'Up', '↓': 'Down', '←': 'Left', '→': 'Right' };
  const name = (key: string): string =>
    ascii ? keyLabel(key).replace(/[↑↓←→]/, (arrow) => asciiNames[arrow] ?? arrow) : keyLabel(key);
  const told = columns < allKeysFrom ? 1 : most;
  const keys = bindings.map((binding) => binding.keys.slice(0, told).map(name).join('  '));
  const width = Math.max(...keys.map(textWidth)) + (told === 1 ? 2 : 3);
  return bindings.flatMap(({ label, command }, at) =>
    wrapped(label, Math.max(8, columns - width)).map((text, line): Line => [
      { text: fit(line === 0 ? keys[at] : '', width), token: 'dialogKey', command },
      { text, command },
    ]),
  );
}

/** What every key of a place does, in the words of a run's clock. */
export function keyLines(
  bindings: readonly KeyBinding<CommandId>[],
  columns: number,
  ascii: boolean,
  run: RunModel = emptyRun,
): Line[] {
  const told = bindings.map(({ label, ...binding }) => ({ ...binding, label: clocked(run, label) }));
  return bindingLines(told, columns, ascii, Number.POSITIVE_INFINITY);
}

/** Paragraphs, a blank line between two. */
const paragraphLines = (paragraphs: readonly string[], width: number): Line[] =>
  paragraphs.flatMap((text, index): Line[] => [
    ...(index > 0 ? [[]] : []),
    ...wrapped(printable(text, longest), width).map((part) => [{ text: part }]),
  ]);

/** What the open dialog says where it is one that is scrolled, in lines of `width` columns at most. */
export function scrolledLines(state: ScreenState, bindingsAt: BindingsAt): { lines: Line[]; width: number } {
  const { dialog, run, size, theme } = state;
  const width = Math.min(dialog?.kind === 'help' ? 62 : 70, size.columns - 6);
  if (dialog?.kind === 'help') {
    return { lines: keyLines(bindingsAt(placeUnder(state)), width, theme.ascii, shownRun(state)), width };
  }
  if (dialog?.kind === 'message') return { lines: paragraphLines([dialog.said], width), width };
  const { error, directory } = run;
  const paragraphs = [
    error?.message ?? 'The run ended with an error.',
    ...(error?.hint ? [error.hint] : []),
    ...(directory ? [`Kept: ${directory}`] : []),
  ];
  return { lines: paragraphLines(paragraphs, width), width };
}

/** How many of the lines are shown at once: a row of the screen stays free where some are left out. */
export function roomFor(lines: readonly Line[], { rows }: Size): number {
  const most = rows - 3;
  return Math.max(1, lines.length > most ? most - 1 : most);
}

/** The first line that is shown when the last one is. */
export function lastOffset(state: ScreenState, bindingsAt: BindingsAt): number {
  const { lines } = scrolledLines(state, bindingsAt);
  return Math.max(0, lines.length - roomFor(lines, state.size));
}
