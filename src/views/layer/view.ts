import { footerBlock } from '../frame/footer.ts';
import type { Frame } from '../frame/frame.ts';
import { frameOf, tabsPart } from '../frame/pane.ts';
import { extent } from '../model/navigation.ts';
import type { ScreenState } from '../model/state.ts';
import { headerBlock } from '../network/header.ts';
import { aboutBlock } from './about.ts';
import { evolutionPane } from './evolution.ts';
import { layerLayoutOf } from './layout.ts';
import { mapPane } from './map.ts';
import { neuronsPane } from './neurons.ts';
import { panes } from './state.ts';
import { layerStatusBlock } from './status.ts';

/** One layer: how its neurons evolve, how they group, and what they respond to. */
export function layerView(state: ScreenState): Frame {
  const { epochs, planned } = extent(state);
  const layout = layerLayoutOf(state, epochs, planned);
  const { tabs, evolution, map, neurons } = layout;
  return frameOf(state.size, [
    tabs &&
      tabsPart(state, tabs, panes, {
        isShown: (pane) => layout[pane] !== undefined,
        click: (pane) => ({ id: 'pane', pane }),
      }),
    evolution && evolutionPane(state, layout, evolution),
    map && mapPane(state, map),
    neurons && neuronsPane(state, neurons),
    {
      blocks: [
        headerBlock(state, layout.header),
        aboutBlock(state, layout.about),
        layerStatusBlock(state, layout.status),
        footerBlock(state, layout.footer),
      ],
    },
  ]);
}
