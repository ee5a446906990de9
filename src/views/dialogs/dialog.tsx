import { use, type ReactElement } from 'react';
import { printable } from '../../engine/base/printable.ts';
import { bindingsAt, choicesOf } from '../keys/table.ts';
import { placeUnder, type Dialog, type ScreenState } from '../model/state.ts';
import { LookContext } from '../text/row.tsx';
import { cut, fit, fittingText, textWidth, wrapped, type Line } from '../text/spans.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { bindingLines, scrolledLines } from './lines.ts';
import { Panel, PanelRow } from './panel.tsx';

type DialogOf<Kind extends Dialog['kind']> = Extract<Dialog, { kind: Kind }>;

const titles: Record<ReturnType<typeof placeUnder>, string> = {
  home: 'Keys of the home screen',
  compare: 'Keys of the comparison',
  network: 'Keys of the network view',
  layer: 'Keys of the layer view: evolution',
  map: 'Keys of the layer view: map',
  neurons: 'Keys of the layer view: neurons',
  neuron: 'Keys of the neuron view: activations',
  facets: 'Keys of the neuron view: facets',
  patches: 'Keys of the neuron view: patches',
};

const Rows = ({ lines }: { lines: readonly Line[] }): ReactElement[] =>
  lines.map((line, index) => <PanelRow key={index} line={line} />);

/** Lines that are scrolled where they have no room. @param titles the longest that fits is shown */
function Scrolled({ titles, state, from }: { titles: string[]; state: ScreenState; from: number }) {
  const { theme } = use(LookContext);
  const { lines, width, room, last } = scrolledLines(state, bindingsAt);
  const offset = Math.min(from, last);
  const shown = lines.slice(offset, offset + room);
  const { up, down } = glyphsOf(theme);
  const more = lines.length - offset - shown.length;
  const hidden = `${offset > 0 ? ` ${up}${offset}` : ''}${more > 0 ? ` ${down}${more} more` : ''}`;
  return (
    <Panel
      title={fittingText(
        titles.map((title) => title + hidden),
        width - 2,
      )}
      width={width}
    >
      <Rows lines={shown} />
    </Panel>
  );
}

function Leave({ state, dialog }: { state: ScreenState; dialog: DialogOf<'leave'> }): ReactElement {
  const { size, theme } = use(LookContext);
  const { header, begun } = state.run;
  const width = Math.min(56, size.columns - 6);
  const which = begun ? `The run ${printable(begun.id, 40)} is being prepared. ` : '';
  const told = [
    header
      ? `The run ${printable(header.id, 40)} keeps every committed epoch.`
      : `${which}Nothing has been trained yet.`,
    ...(state.control === 'inside' ? ['It is trained in this process, and ends with it.'] : []),
  ];
  const armed = bindingsAt('leave').find(({ command }) => command === dialog.armed);
  const offered = bindingsAt('leave').filter(({ hint, isOffered }) => hint && (isOffered?.(state) ?? true));
  return (
    <Panel title="Training is under way. Leave it?" width={width}>
      <Rows lines={told.flatMap((text) => wrapped(text, width)).map((text) => [{ text, token: 'dialogMuted' }])} />
      <PanelRow />
      <Rows lines={bindingLines(offered, width, theme.ascii, 2)} />
      {armed && <PanelRow />}
      {armed && (
        <Rows
          lines={wrapped(`Press ${armed.keys[0]} again to ${armed.label}.`, width).map((text) => [
            { text, token: 'warning' },
          ])}
        />
      )}
    </Panel>
  );
}

const lists = {
  palette: { title: 'Commands', prompt: ': ' },
  find: { title: 'Find a layer', prompt: '/ ' },
  metrics: { title: 'Metrics', prompt: ': ' },
  findings: { title: 'Findings', prompt: ': ' },
} as const;

/** A question with a text to type and what it leaves to choose from. */
function Choose({ state, dialog }: { state: ScreenState; dialog: DialogOf<keyof typeof lists> }): ReactElement {
  const { title, prompt } = lists[dialog.kind];
  const choices = choicesOf(state);
  const { size, theme } = use(LookContext);
  const width = Math.min(60, size.columns - 6);
  const chosen = Math.min(dialog.choice, Math.max(0, choices.length - 1));
  // What is said of the choice leaves at least two choices their rows.
  const words = choices[chosen]?.meaning;
  const most = Math.max(1, size.rows - 10);
  const meaning = (words ? wrapped(words, width) : []).flatMap((text, row, lines) =>
    row >= most ? [] : row === most - 1 ? [cut(lines.slice(row).join(' '), width, glyphsOf(theme).ellipsis)] : [text],
  );
  const room = Math.max(1, Math.min(12, size.rows - 7 - (meaning.length > 0 ? 1 + meaning.length : 0)));
  const first = Math.max(0, Math.min(chosen - Math.floor(room / 2), choices.length - room));
  const shown = choices.slice(first, first + room);
  const blank = Math.max(0, Math.min(room, 8) - Math.max(1, shown.length));
  return (
    <Panel title={title} width={width}>
      <PanelRow
        line={[
          { text: prompt, token: 'dialogKey' },
          { text: printable(dialog.text) },
          { text: theme.ascii ? '_' : '▏', token: 'dialogKey' },
        ]}
      />
      <PanelRow />
      {shown.map(({ text, beside }, index) => {
        const isHere = first + index === chosen;
        const line: Line = [
          { text: `${isHere ? glyphsOf(theme).pointer : ' '} `, token: 'dialogKey' },
          { text: fit(text, width - 3 - textWidth(beside)), token: isHere ? 'dialogTitle' : 'dialog' },
          { text: ` ${beside}`, token: 'dialogMuted' },
        ];
        return <PanelRow key={first + index} line={line} command={{ id: 'choose', index: first + index }} />;
      })}
      {shown.length === 0 && <PanelRow line={[{ text: '  nothing of that name', token: 'dialogMuted' }]} />}
      <Rows lines={Array.from({ length: blank }, () => [])} />
      {meaning.length > 0 && <PanelRow />}
      <Rows lines={meaning.map((text) => [{ text, token: 'dialogMuted' }])} />
    </Panel>
  );
}

/** The state's dialog. */
export function DialogView({ state, dialog }: { state: ScreenState; dialog: Dialog }): ReactElement {
  switch (dialog.kind) {
    case 'help':
      return <Scrolled titles={[titles[placeUnder(state)], 'Keys']} state={state} from={dialog.offset} />;
    case 'leave':
      return <Leave state={state} dialog={dialog} />;
    case 'failure':
      return <Scrolled titles={['Training ended with an error']} state={state} from={dialog.offset} />;
    case 'message':
      return <Scrolled titles={['Message']} state={state} from={dialog.offset} />;
    case 'palette':
    case 'find':
    case 'metrics':
    case 'findings':
      return <Choose state={state} dialog={dialog} />;
  }
}
