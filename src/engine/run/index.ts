export {
  classOfImages,
  isUnderWay,
  layerValue,
  scalar,
  toldName,
  toldSeed,
  type LayerRecord,
  type RunHeader,
  type RunRecord,
  type RunState,
} from './format.ts';
export { differences, differencesText } from './differences.ts';
export { isUnprepared } from './preparing.ts';
export { askRun, type RunRequest } from './requests.ts';
export { createRun, reserveRun, resumeRun, type RunWriter } from './writer.ts';
export { type LayerEpoch } from './epoch-data.ts';
export type { Features } from '../base/features.ts';
export { featureEpochs, newestFeatures, noFeatures, readFeatures } from './features.ts';
export { checkpointEpochs, readCheckpoint } from './checkpoints.ts';
export {
  heartbeat,
  isActive,
  notHeardOf,
  readStatus,
  stateOf,
  statusOf,
  surroundings,
  writeStatus,
  type RunProgress,
  type RunStatus,
  type Surroundings,
} from './status.ts';
export { eventsOf, openRun, type OpenOptions, type OpenRun } from './open.ts';
export { followRun, runChanges, type FollowOptions } from './follow.ts';
export { findRun, runWord, type RunPlaces } from './find.ts';
export { listRuns, summariseRun, type KnownRuns, type RunList, type RunSummary, type UnreadableRun } from './list.ts';
export { lockRun, writerOnThisMachine } from './lock.ts';
export type { RunEvent } from './events.ts';
export type { MetricsThread } from './reader.ts';
