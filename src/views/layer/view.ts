import { footerBlock } from '../frame/footer.ts';
import { targetsOf, type Frame } from '../frame/frame.ts';
import { extent } from '../model/navigation.ts';
import type { ScreenState } from '../model/state.ts';
import { headerBlock } from '../network/header.ts';
import { aboutBlock, tabsBlock } from './about.ts';
import { evolutionPane } from './evolution.ts';
import { layerLayoutOf } from './layout.ts';
import { mapPane } from './map.ts';
import { neuronsPane } from './neurons.ts';
import { layerStatusBlock } from './status.ts';

/** One layer: how its neurons evolve, how they group, and what they respond to. */
export function layerView(state: ScreenState): Frame {
  const { epochs, planned } = extent(state);
  const layout = layerLayoutOf(state, epochs, planned);
  const evolution = layout.evolution && evolutionPane(state, layout, layout.evolution);
  const map = layout.map && mapPane(state, layout.map);
  const neurons = layout.neurons && neuronsPane(state, layout.neurons);
  const tabs = layout.tabs && tabsBlock(state, layout.tabs);
  const blocks = [
    headerBlock(state, layout.header),
    aboutBlock(state, layout.about),
    ...(tabs ? [tabs.block] : []),
    ...[evolution, map, neurons].flatMap((pane) => pane?.blocks ?? []),
    layerStatusBlock(state, layout.status),
    footerBlock(state, layout.footer),
  ];
  return {
    size: state.size,
    blocks,
    overlays: [evolution, map].flatMap((pane) => pane?.overlays ?? []),
    pictures: [map, neurons].flatMap((pane) => pane?.pictures ?? []),
    targets: [
      ...(tabs?.targets ?? []),
      ...[evolution, map, neurons].flatMap((pane) => pane?.targets ?? []),
      ...blocks.flatMap(targetsOf),
    ],
  };
}
