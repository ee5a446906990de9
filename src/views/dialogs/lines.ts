import { printable } from '../../engine/base/printable.ts';
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

/** What the open dialog says where it is one that is scrolled. */
function linesOf(state: ScreenState, bindingsAt: BindingsAt, width: number): Line[] {
  const { dialog, run, theme } = state;
  if (dialog?.kind === 'help') {
    return keyLines(bindingsAt(placeUnder(state)), width, theme.ascii, shownRun(state));
  }
  if (dialog?.kind === 'message') return paragraphLines([dialog.said], width);
  const { error, directory } = run;
  const paragraphs = [
    error?.message ?? 'The run ended with an error.',
    ...(error?.hint ? [error.hint] : []),
    ...(directory ? [`Kept: ${directory}`] : []),
  ];
  return paragraphLines(paragraphs, width);
}

/** The lines of a dialog that is scrolled. */
interface ScrolledLines {
  lines: Line[];
  /** Columns of a line at most. */
  width: number;
  /** How many are shown at once: a row of the screen stays free where some are left out. */
  room: number;
  /** The first line that is shown when the last one is. */
  last: number;
}

/** What the open dialog says where it is one that is scrolled, and how much of it is shown at once. */
export function scrolledLines(state: ScreenState, bindingsAt: BindingsAt): ScrolledLines {
  const { dialog, size } = state;
  const width = Math.min(dialog?.kind === 'help' ? 62 : 70, size.columns - 6);
  const lines = linesOf(state, bindingsAt, width);
  const most = size.rows - 3;
  const room = Math.max(1, lines.length > most ? most - 1 : most);
  return { lines, width, room, last: Math.max(0, lines.length - room) };
}

/** The first line that is shown when the last one is. */
export const lastOffset = (state: ScreenState, bindingsAt: BindingsAt): number => scrolledLines(state, bindingsAt).last;
