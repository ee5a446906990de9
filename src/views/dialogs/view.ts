import { printable } from '../../engine/base/printable.ts';
import { withDialog, type Frame, type Target, type TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { bindingsAt, choicesOf, keyLabel, type Place } from '../keys/table.ts';
import type { Choice } from './keys.ts';
import { placeUnder, type Dialog, type ScreenState } from '../model/state.ts';
import { wrapped } from '../network/preparing.ts';
import { fit, fittingText, textWidth, type Line } from '../text/spans.ts';
import { panel } from './panel.ts';

type DialogOf<Kind extends Dialog['kind']> = Extract<Dialog, { kind: Kind }>;

const titles: Record<ReturnType<typeof placeUnder>, string> = {
  home: 'Keys of the home screen',
  network: 'Keys of the network view',
  layer: 'Keys of the layer view: evolution',
  map: 'Keys of the layer view: map',
  neurons: 'Keys of the layer view: neurons',
  neuron: 'Keys of the neuron view: activations',
  facets: 'Keys of the neuron view: facets',
  patches: 'Keys of the neuron view: patches',
};

/** Below so many columns only the first of a binding's keys is told: what it does is what one looks for. */
const allKeysFrom = 50;

/** Keys and what they do, broken into lines where there is no room for one. @param most keys of one binding */
function bindingLines(bindings: ReturnType<typeof bindingsAt>, columns: number, ascii: boolean, most: number): Line[] {
  const asciiNames: Record<string, string> = { '↑': 'Up', '↓': 'Down', '←': 'Left', '→': 'Right' };
  const name = (key: string): string => (ascii ? (asciiNames[keyLabel(key)] ?? keyLabel(key)) : keyLabel(key));
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

/** What every key of a place does. */
export const keyLines = (place: Place, columns: number, ascii: boolean): Line[] =>
  bindingLines(bindingsAt(place), columns, ascii, Number.POSITIVE_INFINITY);

function helpPanel(state: ScreenState, dialog: DialogOf<'help'>): TextBlock {
  const place = placeUnder(state);
  const width = Math.min(62, state.size.columns - 6);
  const lines = keyLines(place, width, state.theme.ascii);
  const room = Math.max(1, state.size.rows - 4);
  const offset = Math.min(dialog.offset, Math.max(0, lines.length - room));
  const shown = lines.slice(offset, offset + room);
  const { up, down } = glyphsOf(state.theme);
  const more = lines.length - offset - shown.length;
  const hidden = `${offset > 0 ? ` ${up}${offset}` : ''}${more > 0 ? ` ${down}${more} more` : ''}`;
  const title = fittingText([titles[place] + hidden, `Keys${hidden}`], width - 2);
  return panel(title, shown, width, state.size, state.theme);
}

function leavePanel(state: ScreenState): TextBlock {
  const where = state.run.header?.id;
  const { columns } = state.size;
  const told = [
    where ? `The run ${printable(where, 40)} keeps every committed epoch.` : 'Nothing has been trained yet.',
    ...(state.control === 'inside' ? ['It is trained in this process, and ends with it.'] : []),
  ];
  const offered = bindingsAt('leave').filter(({ isOffered }) => isOffered?.(state) ?? true);
  const lines: Line[] = [
    ...told
      .flatMap((text) => wrapped(text, Math.min(56, columns - 6)))
      .map((text): Line => [{ text, token: 'dialogMuted' }]),
    [],
    ...bindingLines(offered, Math.min(56, columns - 6), state.theme.ascii, 2),
  ];
  return panel('Training is under way. Leave it?', lines, 56, state.size, state.theme);
}

function failurePanel(state: ScreenState): TextBlock {
  const { error, directory } = state.run;
  const width = Math.min(70, state.size.columns - 6);
  const text = (value: string): Line[] => wrapped(printable(value, 600), width).map((part) => [{ text: part }]);
  const lines: Line[] = [
    ...text(error?.message ?? 'The run ended with an error.'),
    ...(error?.hint ? [[], ...text(error.hint)] : []),
    ...(directory ? [[], ...text(`Kept: ${directory}`)] : []),
  ];
  return panel('Training ended with an error', lines, width, state.size, state.theme);
}

const listTitles = {
  palette: { title: 'Commands', prompt: ': ' },
  find: { title: 'Find a layer', prompt: '/ ' },
} as const;

function choicePanel(
  state: ScreenState,
  dialog: DialogOf<'palette' | 'find'>,
  choices: readonly Choice[],
): { block: TextBlock; targets: Target[] } {
  const { title, prompt } = listTitles[dialog.kind];
  const width = Math.min(60, state.size.columns - 6);
  const room = Math.max(1, Math.min(12, state.size.rows - 7));
  const chosen = Math.min(dialog.choice, Math.max(0, choices.length - 1));
  const first = Math.max(0, Math.min(chosen - Math.floor(room / 2), choices.length - room));
  const { pointer } = glyphsOf(state.theme);
  const rows = choices.slice(first, first + room).map((choice, index): Line => {
    const here = first + index === chosen;
    return [
      { text: `${here ? pointer : ' '} `, token: 'dialogKey' },
      { text: fit(choice.text, width - 3 - textWidth(choice.beside)), token: here ? 'dialogTitle' : 'dialog' },
      { text: ` ${choice.beside}`, token: 'dialogMuted' },
    ];
  });
  const empty: Line[] = rows.length === 0 ? [[{ text: '  nothing of that name', token: 'dialogMuted' }]] : [];
  const blank = Array.from({ length: Math.max(0, Math.min(room, 8) - rows.length - empty.length) }, (): Line => []);
  const block = panel(
    title,
    [
      [
        { text: prompt, token: 'dialogKey' },
        { text: printable(dialog.text) },
        { text: state.theme.ascii ? '_' : '▏', token: 'dialogKey' },
      ],
      [],
      ...rows,
      ...empty,
      ...blank,
    ],
    width,
    state.size,
    state.theme,
  );
  const targets = rows.map((_, index): Target => ({
    row: block.row + 3 + index,
    column: block.column,
    rows: 1,
    columns: block.columns,
    command: { id: 'choose', index: first + index },
  }));
  return { block, targets };
}

/** A frame with the state's dialog over it, if one is open. */
export function dialogOver(frame: Frame, state: ScreenState): Frame {
  const { dialog } = state;
  if (!dialog) return frame;
  switch (dialog.kind) {
    case 'help':
      return withDialog(frame, helpPanel(state, dialog), []);
    case 'leave':
      return withDialog(frame, leavePanel(state), []);
    case 'failure':
      return withDialog(frame, failurePanel(state), []);
    case 'palette':
    case 'find': {
      const { block, targets } = choicePanel(state, dialog, choicesOf(state));
      return withDialog(frame, block, targets);
    }
  }
}
