import { Box, Spacer } from 'ink';
import type { ReactElement } from 'react';
import { printable } from '../../engine/base/printable.ts';
import { sparkline } from '../../imaging/charts/sparkline.ts';
import { footerLine } from '../frame/footer.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { homeOffers, homeWindow } from './keys.ts';
import type { HomeEntry, ScreenState } from '../model/state.ts';
import { stateSpan } from '../network/header.ts';
import { statusLine } from '../network/status.ts';
import { Clickable } from '../screen/clicks.tsx';
import { percent } from '../text/numbers.ts';
import { Row } from '../text/row.tsx';
import { cutLine, firstFitting, fit, type Line, type Span } from '../text/spans.ts';

/** A column of the list: its title and what stands in it have the column's width. */
interface Column {
  title: string;
  /** Least columns of the screen that have room for it, beside those that come first. */
  from: number;
  span: (state: ScreenState, entry: HomeEntry, chosen: boolean) => Span;
}

const sparkColumns = 12;

const listColumns: readonly Column[] = [
  {
    title: 'network'.padEnd(13),
    from: 0,
    span: (_, { network }, chosen) => ({ text: fit(printable(network), 13), token: chosen ? 'cursor' : 'title' }),
  },
  {
    title: ` ${'data'.padEnd(13)}`,
    from: 66,
    span: (_, { dataset = '–' }) => ({ text: ` ${fit(printable(dataset), 13)}`, token: 'muted' }),
  },
  {
    title: 'epochs'.padStart(10),
    from: 0,
    span: (_, { epochs, plannedEpochs: planned }) => ({
      text: (planned === undefined ? String(epochs) : `${epochs}/${planned}`).padStart(10),
    }),
  },
  {
    title: 'loss'.padStart(sparkColumns + 2),
    from: 80,
    span: ({ theme: { ascii } }, { validationLoss }) => ({
      text: sparkline(validationLoss, sparkColumns, { ascii }).padStart(sparkColumns + 2),
      token: 'validation',
    }),
  },
  {
    title: '   best top-1',
    from: 0,
    span: (_, { bestTop1Error: error }) => ({ text: (error === undefined ? '–  ' : percent(error)).padStart(13) }),
  },
  {
    title: '  state',
    from: 52,
    span: (state, entry) => {
      const span = stateSpan(state, entry.state);
      return { ...span, text: `  ${span.text}` };
    },
  },
];

const shownColumns = ({ size }: ScreenState): readonly Column[] =>
  listColumns.filter(({ from }) => size.columns >= from);

const offerWords = {
  train: { title: 'train lenet on CIFAR-10', meaning: 'and watch its layers learn, epoch by epoch' },
  demo: { title: 'demo', meaning: 'a recorded run: space plays it' },
} as const;
const offerColumns = offerWords.train.title.length;

const pointerSpan = ({ theme }: ScreenState, isChosen: boolean): Span => ({
  text: isChosen ? ` ${glyphsOf(theme).pointer} ` : '   ',
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

function Entry({ state, entry, isChosen }: { state: ScreenState; entry: HomeEntry; isChosen: boolean }): ReactElement {
  const spans = shownColumns(state).map(({ span }) => span(state, entry, isChosen));
  return <Row line={cutLine([pointerSpan(state, isChosen), ...spans], state.size.columns)} />;
}

function Heading({ state }: { state: ScreenState }): ReactElement {
  const titles = shownColumns(state).map(({ title }) => title);
  const none = state.home.unreadable > 0 ? 'No run that can be read.' : 'No runs yet.';
  const text = state.home.entries.length > 0 ? `   ${titles.join('')}` : `   ${none}`;
  return <Row line={cutLine([{ text, token: 'muted' }], state.size.columns)} />;
}

const name: Line = [{ text: ' deepview-tui', token: 'title' }];
const named: Line = [...name, { text: '  see a neural network learn', token: 'muted' }];

/** What the program shows when it is started alone: something to train, and the runs there are. */
export function Home({ state }: { state: ScreenState }): ReactElement {
  const { columns } = state.size;
  const { entries, choice, offset } = state.home;
  // What is offered comes first; the list's window scrolls over all choices as one.
  const offers = homeOffers(state).length;
  const shown = Math.min(homeWindow(state), offers + entries.length - offset);
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
      <Row line={statusLine(state, columns)} />
      <Row line={footerLine(state, columns)} />
    </Box>
  );
}
