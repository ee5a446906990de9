import type { NeuronPatches } from '../../engine/analysis/questions/messages.ts';
import type { Rectangle } from '../../imaging/cells/cells.ts';
import type { TextBlock } from '../frame/frame.ts';
import { part } from '../frame/layout.ts';
import type { Part } from '../frame/pane.ts';
import { bar, glyphsOf } from '../theme/glyphs.ts';
import { reasonFor } from '../layer/explored.ts';
import type { ScreenState } from '../model/state.ts';
import { fit, muted, span, wrapped, type Line } from '../text/spans.ts';
import { classCounts, className, ownClass, pictureKey, selectedFacet, shownFacets } from './scene.ts';

/** The average image above, the classes of the listed patches below it, as bars. */
export function sidePart(state: ScreenState, area: Rectangle, patches: NeuronPatches): Part {
  const facet = selectedFacet(state);
  const facets = shownFacets(state);
  const [raster, epoch = 0, name, words] =
    facet === undefined
      ? [patches.average, patches.epoch, 'average', 'average']
      : [
          facets?.facets[facet]?.average,
          facets?.epoch,
          `facet ${facet} of ${facets?.facets.length ?? 0}`,
          'average of its 20 nearest',
        ];
  const barsLeast = 4;
  const rows = Math.min(8, Math.floor(area.columns / 2), area.rows - 1 - barsLeast);
  if (raster === undefined || rows < 3) return { blocks: [barsBlock(state, area)] };
  const place = part(area, 0, rows, 0, Math.min(area.columns, 2 * rows));
  return {
    blocks: [
      { ...part(area, rows, 1), lines: [[muted(words)]] },
      barsBlock(state, part(area, rows + 1, area.rows - rows - 1)),
    ],
    pictures: [{ ...place, raster, key: pictureKey(state, epoch, name) }],
  };
}

/** What share of the patches each class has. */
function barsBlock(state: ScreenState, area: Rectangle): TextBlock {
  const counts = classCounts(state);
  const glyphs = glyphsOf(state.theme);
  if (counts.length === 0) {
    const { message = '', hint = '' } = reasonFor(state, 'pictures') ?? {};
    const texts = [message, hint].filter(Boolean).flatMap((text) => wrapped(text, area.columns - 1));
    return { ...area, lines: texts.slice(0, area.rows).map((text) => [muted(text)]) };
  }
  const own = ownClass(state);
  const nameWidth = 10;
  const barWidth = Math.max(4, area.columns - nameWidth - 8);
  // The neuron's own class is told of also where none of the patches is of it.
  const isMissing = own !== undefined && !counts.some(({ label }) => label === own);
  const shown = isMissing ? [{ label: own, share: 0 }, ...counts] : counts;
  const lines = shown.map(({ label, share }): Line => {
    const isOwn = label === own;
    const isForeign = own !== undefined && !isOwn;
    const token = isOwn ? 'cursor' : isForeign ? 'warning' : undefined;
    return [
      span(isOwn ? glyphs.pointer : isForeign ? glyphs.differs : ' ', token),
      span(fit(className(state, label), nameWidth - 1), token),
      span(` ${bar(share, barWidth, { ...glyphs, barEmpty: ' ' })}`, isOwn ? 'cursor' : 'progress'),
      muted(`${(100 * share).toFixed(0).padStart(4)} %`),
    ];
  });
  return { ...area, lines: lines.slice(0, area.rows) };
}
