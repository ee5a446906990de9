import type { Frame } from '../frame/frame.ts';
import { compareView } from '../compare/view.ts';
import { layerView } from '../layer/view.ts';
import { fitsMinimum, minimumSize } from '../frame/layout.ts';
import { screenOf, type ScreenState } from '../model/state.ts';
import { networkView } from '../network/view.ts';
import { neuronView } from '../neuron/view.ts';
import { cut } from '../text/spans.ts';

function tooSmall({ size }: ScreenState): Frame {
  const { columns, rows } = size;
  const text = `too small: ${columns}x${rows}, needs ${minimumSize.columns}x${minimumSize.rows}`;
  const line = text.length <= columns ? text : `${columns}x${rows}<${minimumSize.columns}x${minimumSize.rows}`;
  const block = { row: 0, column: 0, rows: Math.min(1, rows), columns, lines: [[{ text: cut(line, columns) }]] };
  return { size, blocks: [block], overlays: [], targets: [] };
}

const views = { compare: compareView, network: networkView, layer: layerView, neuron: neuronView } as const;

/** What a state shows of a run, or that the screen is too small. Pure. @returns nothing for the home screen */
export function dataView(state: ScreenState): Frame | undefined {
  if (!fitsMinimum(state.size)) return tooSmall(state);
  const screen = screenOf(state);
  return screen === 'home' ? undefined : views[screen](state);
}
