import { settingRows, type Band } from '../../engine/analysis/comparison/compared-runs.ts';
import { printable } from '../../engine/base/printable.ts';
import { describeScalar, figure } from '../../engine/metrics/index.ts';
import type { ScreenState } from '../model/state.ts';
import { percent } from '../text/numbers.ts';
import { fit, span, type Line } from '../text/spans.ts';
import type { Token } from '../theme/theme.ts';
import { comparisonIn, recordMark, scalarsOf, tokenOf } from './state.ts';

const bandText = (band: Band, text: (value: number) => string): string =>
  band.low === band.high ? text(band.median) : `${text(band.median)} (${text(band.low)}..${text(band.high)})`;

/** The settings that differ, and what came of them: the last and the best of each scalar, as many columns wide. */
export function settingLines(state: ScreenState, columns: number): Line[] {
  const { sides } = comparisonIn(state);
  const settings = settingRows(sides);
  const rows = [
    ...settings.map(({ name, values }) => [name, ...values.map((value) => printable(value, 60) || '–')]),
    ...scalarsOf(sides).flatMap(({ tag, values }) => {
      const { label, split, unit } = describeScalar(tag, state.run.header);
      const text = (value: number): string => (unit === 'share' ? percent(value, 2) : figure(value));
      const words = printable([label, split].filter(Boolean).join(' '), 40);
      const last = [words, ...values.map((value) => (value ? bandText(value.last, text) : '–'))];
      const best = [
        '  best',
        ...values.map((value) =>
          value?.best ? `${bandText(value.best, text)} @${bandText(value.best.at, String)}` : '–',
        ),
      ];
      return values.some((value) => value?.best) ? [last, best] : [last];
    }),
  ];
  const name = Math.min(Math.max(...rows.map(([first]) => first.length)) + 2, Math.floor(0.4 * columns));
  const width = Math.max(8, Math.floor((columns - name - 1) / sides.length));
  const line = ([first, ...values]: readonly string[], token?: Token): Line => [
    span(` ${fit(first, name - 1)} `, token ?? 'muted'),
    ...values.map((value, place) => span(`${fit(value, width - 1)} `, token ? tokenOf(place) : undefined)),
  ];
  const classes = new Set(sides.map(({ runs }) => runs[0].header.dataset.classes.join()));
  const notes = [
    ...(settings.length === 0 ? ['No setting differs.'] : []),
    ...(classes.size > 1 ? ['The runs have other classes: metrics of classes count other pairs.'] : []),
  ];
  return [
    ...notes.map((text): Line => [span(` ${text}`, 'warning')]),
    line(
      [
        '',
        ...sides.map((side) => {
          const ids = printable(side.runs.map(({ header }) => header.id).join(', '), 200);
          return `${side.name} ${ids}${recordMark(sides, side)}`;
        }),
      ],
      'title',
    ),
    ...rows.map((cells) => line(cells)),
  ];
}
