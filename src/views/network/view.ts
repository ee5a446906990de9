import type { Rectangle } from '../../imaging/cells/cells.ts';
import { footerBlock } from '../frame/footer.ts';
import { targetsOf, type Frame, type TextBlock } from '../frame/frame.ts';
import { networkLayout, type NetworkLayout } from '../frame/layout.ts';
import { extent } from '../model/navigation.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { chartLabelBlock, chartOverlay, chartValueBlock } from './charts.ts';
import { headerBlock } from './header.ts';
import { axisBlock, marksBlock } from './marks.ts';
import { preparingBlock } from './preparing.ts';
import { cellOverlay, labelBlock, rowTargets, valueBlock } from './rows.ts';
import { statusBlock } from './status.ts';

const present = <T>(value: T | undefined): value is T => value !== undefined;

/** The network view: layers x epochs, and how the network does. */
export function networkView(state: ScreenState): Frame {
  const run = shownRun(state);
  const { layers, epochs, planned } = extent(state);
  const layout = networkLayout(state.size, layers, epochs, planned);
  const shell = [
    headerBlock(state, layout.header),
    statusBlock(state, layout.status),
    footerBlock(state, layout.footer),
  ];
  if (!run.header) return preparing(state, layout, shell);
  const blocks: TextBlock[] = [
    ...shell,
    marksBlock(state, layout),
    labelBlock(state, layout),
    layout.values && valueBlock(state, layout, layout.values),
    run.epochs.length === 0 ? preparingBlock(state, layout.cells) : undefined,
    ...layout.charts.flatMap((chart) => [chartLabelBlock(state, chart), chartValueBlock(state, chart)]),
    axisBlock(state, layout),
  ].filter(present);
  const overlays = [
    cellOverlay(state, layout),
    ...layout.charts.map((chart) => chartOverlay(state, layout, chart)),
  ].filter(present);
  return {
    size: state.size,
    blocks,
    overlays,
    targets: [...rowTargets(state, layout), ...blocks.flatMap(targetsOf)],
  };
}

function preparing(state: ScreenState, layout: NetworkLayout, shell: readonly TextBlock[]): Frame {
  const top = layout.header.rows + 1;
  const body: Rectangle = {
    row: top,
    column: 0,
    rows: Math.max(0, layout.status.row - top),
    columns: state.size.columns,
  };
  const blocks = [...shell, preparingBlock(state, body)];
  return { size: state.size, blocks, overlays: [], targets: blocks.flatMap(targetsOf) };
}
