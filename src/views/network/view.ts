import type { Rectangle } from '../../imaging/cells/cells.ts';
import type { Frame, TextBlock } from '../frame/frame.ts';
import { frameOf, reasonBlock, type Part } from '../frame/pane.ts';
import { metricsOfRun } from '../model/metrics.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { chartLabelBlock, chartOverlay, chartsOf, chartValueBlock } from './charts.ts';
import { networkLayoutOf, type NetworkLayout } from './layout.ts';
import { axisBlock, marksBlock } from './marks.ts';
import { preparingBlock } from './preparing.ts';
import { cellOverlay, labelBlock, rowTargets, valueBlock } from './rows.ts';
import { shellPart } from './status.ts';

const present = <T>(value: T | undefined): value is T => value !== undefined;

/** The network view: layers x epochs, and how the network does. */
export function networkView(state: ScreenState): Frame {
  const layout = networkLayoutOf(state);
  const body = shownRun(state).header
    ? [layersPart(state, layout), chartsPart(state, layout)]
    : [waiting(state, layout)];
  return frameOf(state.size, [...body, shellPart(state, layout)]);
}

/** The heatmap with what stands around it; without values of layers why there are none. */
function layersPart(state: ScreenState, layout: NetworkLayout): Part {
  const run = shownRun(state);
  const overlay = cellOverlay(state, layout);
  const isEmpty = run.epochs.length > 0 && metricsOfRun(run).length === 0;
  const message = 'This run has no metrics of layers: its recorder stored neither values nor samples.';
  const blocks = [
    marksBlock(state, layout),
    labelBlock(state, layout),
    layout.values && valueBlock(state, layout, layout.values),
    run.epochs.length === 0 ? preparingBlock(state, layout.cells) : undefined,
    isEmpty ? reasonBlock(layout.cells, { message }) : undefined,
    axisBlock(state, layout),
  ].filter(present);
  return { blocks, overlays: overlay && !isEmpty ? [overlay] : [], targets: rowTargets(state, layout) };
}

/** The groups of scalars that the run has, as many as have room. */
function chartsPart(state: ScreenState, layout: NetworkLayout): Part {
  const run = shownRun(state);
  const charts = chartsOf(run.epochs, run.header).slice(0, layout.charts.length);
  const placed = charts.flatMap((chart, index) => {
    const area = layout.charts[index];
    return area ? [{ chart, area, isFirst: index === 0 }] : [];
  });
  return {
    blocks: placed
      .flatMap(({ chart, area, isFirst }): (TextBlock | undefined)[] => [
        chartLabelBlock(state, chart, area),
        chartValueBlock(state, chart, area, isFirst),
      ])
      .filter(present),
    overlays: placed.map(({ chart, area }) => chartOverlay(state, layout, chart, area)).filter(present),
  };
}

function waiting(state: ScreenState, layout: NetworkLayout): Part {
  const row = layout.header.rows + 1;
  const rows = Math.max(0, layout.status.row - row);
  const body: Rectangle = { row, column: 0, rows, columns: state.size.columns };
  return { blocks: [preparingBlock(state, body)] };
}
