import type { NeuronPatches } from '../../engine/analysis/questions/messages.ts';
import type { Picture, Rectangle } from '../../imaging/cells/cells.ts';
import type { TextBlock } from '../frame/frame.ts';
import { bar, glyphsOf } from '../theme/glyphs.ts';
import { reasonFor } from '../layer/explored.ts';
import type { ScreenState } from '../model/state.ts';
import { fit, wrapped, type Line } from '../text/spans.ts';
import { classCounts, className, ownClass, pictureKey, selectedFacet, shownFacets } from './scene.ts';

/** The average image above, the classes of the listed patches below it, as bars. */
export function sideParts(
  state: ScreenState,
  area: Rectangle,
  patches: NeuronPatches,
): { blocks: TextBlock[]; pictures: Picture[] } {
  const facet = selectedFacet(state);
  const facets = shownFacets(state);
  const average = facet === undefined ? patches.average : facets?.facets[facet]?.average;
  const barsLeast = 4;
  const pictureRows = Math.min(8, Math.floor(area.columns / 2), area.rows - 1 - barsLeast);
  const hasPicture = average !== undefined && pictureRows >= 3;
  const from = hasPicture ? pictureRows + 1 : 0;
  const bars: Rectangle = { ...area, row: area.row + from, rows: Math.max(0, area.rows - from) };
  const caption: TextBlock = {
    ...area,
    row: area.row + pictureRows,
    rows: 1,
    lines: [[{ text: facet === undefined ? 'average' : 'average of its 20 nearest', token: 'muted' }]],
  };
  const pictureParts = (raster: NonNullable<typeof average>): Picture => ({
    row: area.row,
    column: area.column,
    rows: pictureRows,
    columns: Math.min(area.columns, 2 * pictureRows),
    raster,
    key: pictureKey(
      state,
      facet === undefined ? patches.epoch : (facets?.epoch ?? 0),
      facet === undefined ? 'average' : `facet ${facet} of ${facets?.facets.length ?? 0}`,
    ),
  });
  return {
    blocks: [...(hasPicture ? [caption] : []), barsBlock(state, bars)],
    pictures: hasPicture ? [pictureParts(average)] : [],
  };
}

/** What share of the patches each class has. */
function barsBlock(state: ScreenState, area: Rectangle): TextBlock {
  const counts = classCounts(state);
  const glyphs = glyphsOf(state.theme);
  if (counts.length === 0) {
    const reason = reasonFor(state, 'pictures');
    const words = reason ? [reason.message, ...(reason.hint ? [reason.hint] : [])] : [];
    const lines = words
      .flatMap((text) => wrapped(text, area.columns - 1))
      .map((text): Line => [{ text, token: 'muted' }]);
    return { ...area, lines: lines.slice(0, area.rows) };
  }
  const own = ownClass(state);
  const nameWidth = 10;
  const barWidth = Math.max(4, area.columns - nameWidth - 8);
  const lines = counts.map(({ label, share }): Line => {
    const isOwn = label === own;
    const isForeign = own !== undefined && !isOwn;
    const mark = isOwn ? glyphs.pointer : isForeign ? glyphs.differs : ' ';
    const token = isOwn ? 'cursor' : isForeign ? 'warning' : undefined;
    return [
      { text: mark, ...(token && { token }) },
      { text: fit(className(state, label), nameWidth - 1), ...(token && { token }) },
      { text: ` ${bar(share, barWidth, { ...glyphs, barEmpty: ' ' })}`, token: isOwn ? 'cursor' : 'progress' },
      { text: `${(100 * share).toFixed(0).padStart(4)} %`, token: 'muted' },
    ];
  });
  if (own !== undefined && !counts.some(({ label }) => label === own)) {
    lines.unshift([
      { text: glyphs.pointer, token: 'cursor' },
      { text: fit(className(state, own), nameWidth - 1), token: 'cursor' },
      { text: fit('', barWidth + 1) },
      { text: '   0 %', token: 'muted' },
    ]);
  }
  return { ...area, lines: lines.slice(0, area.rows) };
}
