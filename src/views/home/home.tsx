import { Box, Spacer } from 'ink';
import type { ReactElement } from 'react';
import { printable } from '../../engine/base/printable.ts';
import { sparkline } from '../../imaging/charts/sparkline.ts';
import { footerLine } from '../frame/footer.ts';
import { memoize } from '../frame/memoize.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { homeOffers, homeWindow } from './keys.ts';
import type { HomeEntry, ScreenState } from '../model/state.ts';
import { stateSpan } from '../network/header.ts';
import { statusLine } from '../network/status.ts';
import { Clickable } from '../screen/clicks.tsx';
import { percent } from '../text/numbers.ts';
import { Row } from '../text/row.tsx';
import { cutLine, firstFitting, fit, textWidth, type Line, type Span } from '../text/spans.ts';

/** A column of the list; its title and what stands in it have its width. */
interface Column {
  title: string;
  /** Least columns of the screen that have room for it, beside those that come first. */
  from: number;
  width: (entries: readonly HomeEntry[]) => number;
  isRight?: true;
  span: (state: ScreenState, entry: HomeEntry, chosen: boolean) => Span;
}

/** As wide as the widest entry, between the least and the most. */
const widest =
  (of: (entry: HomeEntry) => string, least: number, most: number) =>
  (entries: readonly HomeEntry[]): number =>
    Math.min(
      most,
      entries.reduce((width, entry) => Math.max(width, textWidth(of(entry))), least),
    );

const fixed = (width: number) => (): number => width;
const nameOf = ({ network }: HomeEntry): string => printable(network);
const dataOf = ({ dataset = '–' }: HomeEntry): string => printable(dataset);

const differs: Column = {
  title: 'differs in',
  from: 0,
  width: widest((entry) => printable(entry.differs), 0, 60),
  span: (_, entry) => ({ text: printable(entry.differs) }),
};

const sparkColumns = 12;
const loss: Column = {
  title: 'loss',
  from: 80,
  width: fixed(sparkColumns),
  isRight: true,
  span: ({ theme: { ascii } }, { validationLoss }) => ({
    text: sparkline(validationLoss, sparkColumns, { ascii }),
    token: 'validation',
  }),
};

const listColumns: readonly Column[] = [
  {
    title: 'network',
    from: 0,
    width: widest(nameOf, 7, 13),
    span: (_, entry, chosen) => ({ text: nameOf(entry), token: chosen ? 'cursor' : 'title' }),
  },
  {
    title: 'data',
    from: 66,
    width: widest(dataOf, 4, 13),
    span: (_, entry) => ({ text: dataOf(entry), token: 'muted' }),
  },
  differs,
  {
    title: 'epochs',
    from: 0,
    width: fixed(9),
    isRight: true,
    span: (_, { epochs, plannedEpochs: planned }) => ({
      text: planned === undefined ? String(epochs) : `${epochs}/${planned}`,
    }),
  },
  loss,
  {
    title: 'best top-1',
    from: 0,
    width: fixed(12),
    isRight: true,
    span: (_, { bestTop1Error: error }) => ({ text: error === undefined ? '–  ' : percent(error) }),
  },
  {
    title: ' state',
    from: 52,
    width: fixed(12),
    span: (state, entry) => {
      const span = stateSpan(state, entry.state);
      return { ...span, text: ` ${span.text}` };
    },
  },
];

/** What there is room for, each with its width: before what tells runs apart is cut, their losses give way. */
const columnsFor = memoize((entries: readonly HomeEntry[], room: number) => {
  const columns = listColumns.filter(({ from }) => room >= from);
  const widths = new Map(columns.map((column) => [column, column.width(entries)]));
  const sum = (): number => [...widths.values()].reduce((total, width) => total + width + 1, pointerColumns);
  if (sum() > room && widths.get(differs)) widths.delete(loss);
  const most = Math.max(0, (widths.get(differs) ?? 0) - Math.max(0, sum() - room));
  widths.set(differs, most);
  return [...widths].flatMap(([column, width]) => (width > 0 ? [{ column, width }] : []));
});
const shownColumns = ({ home, size }: ScreenState): ReturnType<typeof columnsFor> =>
  columnsFor(home.entries, size.columns);

const offerWords = {
  train: { title: 'train lenet on CIFAR-10', meaning: 'and watch its layers learn, epoch by epoch' },
  demo: { title: 'demo', meaning: 'a recorded run: space plays it' },
} as const;
const pointerColumns = 3;
const offerColumns = offerWords.train.title.length;

const pointerSpan = ({ theme }: ScreenState, isChosen: boolean, isMarked = false): Span => ({
  text: `${isMarked ? glyphsOf(theme).done : ' '}${isChosen ? glyphsOf(theme).pointer : ' '} `,
  token: 'cursor',
});

function Offer({ state, index }: { state: ScreenState; index: number }): ReactElement {
  const isChosen = state.home.choice === index;
  const { title, meaning } = offerWords[homeOffers(state)[index] ?? 'train'];
  const named: Line = [
    pointerSpan(state, isChosen),
    { text: title.padEnd(offerColumns), token: isChosen ? 'cursor' : 'title' },
  ];
  return (
    <Row line={firstFitting([[...named, { text: `   ${meaning}`, token: 'muted' }], named], state.size.columns)} />
  );
}

/** A text in its column, the blank before the next one included. */
const inColumn = (text: string, width: number, isRight = false): string =>
  `${fit(text, width, isRight ? 'right' : 'left')} `;

function Entry({ state, entry, isChosen }: { state: ScreenState; entry: HomeEntry; isChosen: boolean }): ReactElement {
  const spans = shownColumns(state).map(({ column: { span, isRight }, width }) => {
    const { text, ...style } = span(state, entry, isChosen);
    return { ...style, text: inColumn(text, width, isRight) };
  });
  return (
    <Row
      line={cutLine(
        [pointerSpan(state, isChosen, state.home.marked.includes(entry.directory)), ...spans],
        state.size.columns,
      )}
    />
  );
}

function Heading({ state }: { state: ScreenState }): ReactElement {
  const titles = shownColumns(state).map(({ column: { title, isRight }, width }) => inColumn(title, width, isRight));
  const none = state.home.unreadable > 0 ? 'No run that can be read.' : 'No runs yet.';
  const text = state.home.entries.length > 0 ? `   ${titles.join('')}` : `   ${none}`;
  return <Row line={cutLine([{ text, token: 'muted' }], state.size.columns)} />;
}

const name: Line = [{ text: ' deepview-tui', token: 'title' }];
const named: Line = [...name, { text: '  see a neural network learn', token: 'muted' }];

/** Below the list: the chosen run's id, for commands, and all that tells it from others; else what else can be shown. */
function choiceLine(state: ScreenState): Line {
  const { entries, choice } = state.home;
  const entry = entries[choice - homeOffers(state).length];
  const muted = (text: string): Line => [{ text: ` ${text}`, token: 'muted' }];
  if (entry)
    return muted(
      [entry.id, entry.differs]
        .filter(Boolean)
        .map((text) => printable(text))
        .join('  '),
    );
  const own = [
    'To watch a PyTorch, Keras or Flax training of your own: docs/recording.md',
    'Your own trainings: docs/recording.md',
  ];
  return firstFitting(own.map(muted), state.size.columns);
}

/** What the program shows when it is started alone: something to train, and the runs there are. */
export function Home({ state }: { state: ScreenState }): ReactElement {
  const { columns } = state.size;
  const { entries, choice, offset } = state.home;
  // What is offered comes first; the list's window scrolls over all choices as one.
  const offers = homeOffers(state).length;
  const shown = Math.min(homeWindow(state), offers + entries.length - offset);
  const status = statusLine(state, columns);
  return (
    <Box flexDirection="column" flexGrow={1}>
      <Row line={firstFitting([named, name], columns)} />
      <Box height={1} />
      <Heading state={state} />
      {Array.from({ length: shown }, (_, index) => index + offset).map((index) => (
        <Clickable key={index} command={{ id: 'choose', index }}>
          {index < offers ? (
            <Offer state={state} index={index} />
          ) : (
            <Entry state={state} entry={entries[index - offers]} isChosen={index === choice} />
          )}
        </Clickable>
      ))}
      <Spacer />
      <Row line={status.length > 0 ? status : cutLine(choiceLine(state), columns)} />
      <Row line={footerLine(state, columns)} />
    </Box>
  );
}
