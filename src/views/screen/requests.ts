import type { ExplorationRequest } from '../../engine/analysis/questions/messages.ts';
import { layerRequests } from '../layer/requests.ts';
import { screenOf, type ScreenState } from '../model/state.ts';
import { neuronRequests } from '../neuron/requests.ts';

/** What the screen needs to know of the run's layers and neurons: the same state asks for the same. */
export function requestsOf(state: ScreenState): ExplorationRequest[] {
  switch (screenOf(state)) {
    case 'layer':
      return layerRequests(state);
    case 'neuron':
      return neuronRequests(state);
    default:
      return [];
  }
}
