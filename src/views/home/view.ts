import { printable } from '../../engine/printable.ts';
import { sparkline } from '../../imaging/sparkline.ts';
import { footerBlock } from '../footer.ts';
import { targetsOf, type Frame, type Target, type TextBlock } from '../frame.ts';
import { glyphsOf } from '../glyphs.ts';
import { homeOffers, homeWindow } from '../model/home.ts';
import type { HomeEntry, ScreenState } from '../model/state.ts';
import { stateSpan } from '../network/header.ts';
import { statusBlock } from '../network/status.ts';
import { percent } from '../text/numbers.ts';
import { cutLine, fit, type Line, type Span } from '../text/spans.ts';

const sparkColumns = 16;

const offerWords = {
  train: { title: 'train lenet on CIFAR-10', meaning: 'and watch its layers learn, epoch by epoch' },
  demo: { title: 'demo', meaning: 'a recorded run: space plays it' },
} as const;
const offerColumns = offerWords.train.title.length;

function entryLine(state: ScreenState, entry: HomeEntry, chosen: boolean): Line {
  const error = entry.bestTop1Error;
  const pointer: Span = { text: chosen ? ` ${glyphsOf(state.theme).pointer} ` : '   ', token: 'cursor' };
  const wide = state.size.columns >= 72;
  return [
    pointer,
    { text: fit(printable(entry.network), 12), token: chosen ? 'cursor' : 'title' },
    { text: ` ${fit(printable(entry.dataset), 10)}`, token: 'muted' },
    { text: ` ${`${entry.epochs}/${entry.plannedEpochs}`.padStart(9)}  ` },
    {
      text: sparkline(entry.validationLoss, sparkColumns, { ascii: state.theme.ascii }).padStart(sparkColumns),
      token: 'validation',
    },
    { text: `  ${error === undefined ? '   –  ' : percent(error).padStart(7)}  ` },
    ...(wide ? [stateSpan(state, entry.state)] : []),
  ];
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
    return [
      { text: choice === index ? ` ${pointer} ` : '   ', token: 'cursor' },
      { text: title.padEnd(offerColumns), token: choice === index ? 'cursor' : 'title' },
      { text: `   ${meaning}`, token: 'muted' },
    ];
  });
  // What is offered comes first; the list's window scrolls over all choices as one.
  const listed = entries.map((entry, index) => entryLine(state, entry, index + offers.length === choice));
  const choices: Line[] = [...offered, ...listed];
  const shown = choices.slice(offset, offset + visible);
  const heading: Line =
    entries.length > 0
      ? [
          {
            text: `   ${'network'.padEnd(12)} ${'data'.padEnd(10)} ${'epochs'.padStart(9)}  ${'loss'.padStart(sparkColumns - 4)}  top-1 error  state`,
            token: 'muted',
          },
        ]
      : [{ text: '   No runs yet.', token: 'muted' }];
  const blocks = [
    across(0, 1, [
      [
        { text: ' deepview-tui', token: 'title' },
        { text: '  see a neural network learn', token: 'muted' },
      ],
    ]),
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
