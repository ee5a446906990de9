import { printable } from '../../engine/base/printable.ts';
import { sparkline } from '../../imaging/charts/sparkline.ts';
import { footerBlock } from '../frame/footer.ts';
import { targetsOf, type Frame, type Target, type TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { homeOffers, homeWindow } from './keys.ts';
import type { HomeEntry, ScreenState } from '../model/state.ts';
import { stateSpan } from '../network/header.ts';
import { statusBlock } from '../network/status.ts';
import { percent } from '../text/numbers.ts';
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
    span: (_, { dataset }) => ({ text: ` ${fit(printable(dataset), 13)}`, token: 'muted' }),
  },
  {
    title: 'epochs'.padStart(10),
    from: 0,
    span: (_, { epochs, plannedEpochs }) => ({ text: `${epochs}/${plannedEpochs}`.padStart(10) }),
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
    title: '  top-1 error',
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

function entryLine(state: ScreenState, entry: HomeEntry, chosen: boolean): Line {
  const pointer: Span = { text: chosen ? ` ${glyphsOf(state.theme).pointer} ` : '   ', token: 'cursor' };
  return [pointer, ...shownColumns(state).map(({ span }) => span(state, entry, chosen))];
}

/** What the program shows when it is started alone: something to train, and the runs there are. */
export function homeView(state: ScreenState): Frame {
  const { columns, rows } = state.size;
  const { entries, choice, offset } = state.home;
  const visible = homeWindow(state);
  const across = (row: number, height: number, lines: Line[]): TextBlock => ({
    row,
    column: 0,
    rows: height,
    columns,
    lines: lines.map((line) => cutLine(line, columns)),
  });
  const pointer = glyphsOf(state.theme).pointer;
  const offers = homeOffers(state);
  const offered = offers.map((offer, index): Line => {
    const { title, meaning } = offerWords[offer];
    const named: Line = [
      { text: choice === index ? ` ${pointer} ` : '   ', token: 'cursor' },
      { text: title.padEnd(offerColumns), token: choice === index ? 'cursor' : 'title' },
    ];
    return firstFitting([[...named, { text: `   ${meaning}`, token: 'muted' }], named], columns);
  });
  // What is offered comes first; the list's window scrolls over all choices as one.
  const listed = entries.map((entry, index) => entryLine(state, entry, index + offers.length === choice));
  const choices: Line[] = [...offered, ...listed];
  const shown = choices.slice(offset, offset + visible);
  const heading: Line =
    entries.length > 0
      ? [
          {
            text: `   ${shownColumns(state)
              .map(({ title }) => title)
              .join('')}`,
            token: 'muted',
          },
        ]
      : [{ text: '   No runs yet.', token: 'muted' }];
  const name: Line = [{ text: ' deepview-tui', token: 'title' }];
  const blocks = [
    across(0, 1, [firstFitting([[...name, { text: '  see a neural network learn', token: 'muted' }], name], columns)]),
    across(2, 1, [heading]),
    across(3, visible, shown),
    statusBlock(state, { row: rows - 2, column: 0, rows: 1, columns }),
    footerBlock(state, { row: rows - 1, column: 0, rows: 1, columns }),
  ];
  const choose = shown.map((_, index): Target => ({
    row: 3 + index,
    column: 0,
    rows: 1,
    columns,
    command: { id: 'choose', index: offset + index },
  }));
  return { size: state.size, blocks, overlays: [], targets: [...choose, ...blocks.flatMap(targetsOf)] };
}
