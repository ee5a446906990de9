import { formatBytes } from '../../engine/base/byte-size.ts';
import { printable } from '../../engine/base/printable.ts';
import { secondsInWords, type Progress } from '../../engine/base/progress.ts';
import type { Rectangle } from '../../imaging/cells/cells.ts';
import type { TextBlock } from '../frame/frame.ts';
import { bar, glyphsOf, type Glyphs } from '../theme/glyphs.ts';
import { clocked } from '../model/metrics.ts';
import { isStepDone, isUnderWay } from '../model/run-model.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { clock, grouped } from '../text/numbers.ts';
import { cutLine, firstFitting, wrapped, type Line } from '../text/spans.ts';

/** A long step: what, how far, how fast, how long still. */
function stepLines(progress: Progress, columns: number, glyphs: Glyphs): Line[] {
  const { label, done, total, unit, rate, secondsLeft } = progress;
  const amount = (value: number): string => (unit === 'bytes' ? formatBytes(value) : grouped(value));
  const title = wrapped(printable(label), Math.max(10, columns - 4)).map((text, at): Line => [
    { text: '  ' },
    at === 0 ? { text: glyphs.pointer, token: 'live' } : { text: ' ' },
    { text: ` ${text}`, token: 'title' },
  ]);
  if (unit === 'seconds') return [...title, [{ text: `    ${secondsInWords(progress)}`, token: 'muted' }]];
  const width = Math.max(8, Math.min(50, columns - 34));
  const speed = rate ? `  ${amount(rate).padStart(7)}/s` : '';
  const left = secondsLeft === undefined ? '' : `  ${clock(secondsLeft)}`;
  if (!total) {
    return [...title, ...(done > 0 ? [[{ text: `    ${amount(done)}${speed}`, token: 'muted' as const }]] : [])];
  }
  const share = done / total;
  const far: Line = [
    { text: '    ' },
    { text: bar(share, width, glyphs), token: 'progress' },
    { text: ` ${String(Math.floor(100 * Math.min(1, share))).padStart(3)} %` },
  ];
  const variants = [speed + left + (left && ' left'), speed + left, left].map((text): Line => [
    ...far,
    { text, token: 'muted' },
  ]);
  return [
    ...title,
    firstFitting(variants, columns),
    [{ text: `    ${amount(done)} of ${amount(total)}`, token: 'muted' }],
  ];
}

/** What there is to see before the first epoch: steps done and under way, notices, and what comes next. */
export function preparingBlock(state: ScreenState, area: Rectangle): TextBlock {
  const run = shownRun(state);
  const glyphs = glyphsOf(state.theme);
  const steps = run.steps.flatMap((step): Line[] =>
    isStepDone(run, step)
      ? [[{ text: '  ' }, { text: glyphs.done, token: 'live' }, { text: ` ${printable(step.label)}`, token: 'muted' }]]
      : stepLines(step, area.columns, glyphs),
  );
  const next = run.header ? clocked(run, 'The first epoch appears here as soon as it is done.') : 'Starting…';
  const isWaiting = run.steps.every((step) => isStepDone(run, step)) && isUnderWay(run.state);
  const waiting = (isWaiting ? wrapped(next, Math.max(10, area.columns - 4)) : []).map((text): Line => [
    { text: `  ${text}`, token: 'muted' },
  ]);
  const notices = run.notices.flatMap((notice) =>
    wrapped(printable(notice, 400), Math.max(10, area.columns - 6)).map((text, index): Line => [
      { text: index === 0 ? '  ! ' : '    ', token: 'warning' },
      { text },
    ]),
  );
  const lines = [...steps, ...waiting, ...(notices.length > 0 ? [[], ...notices] : [])];
  const shown = lines.length > area.rows ? lines.slice(lines.length - area.rows) : lines;
  return { ...area, lines: shown.map((line) => cutLine(line, area.columns)) };
}
