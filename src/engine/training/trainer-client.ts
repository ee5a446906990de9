import { reportOf } from '../base/errors.ts';
import { isUnderWay } from '../run/format.ts';
import type { RunEvent, TrainingCommand, TrainingRequest } from './messages.ts';
import { trainApart, trainHere, type Trainer, type TrainingEnd, type TrainingSurroundings } from './trainers.ts';

/** A training, wherever it runs. No method blocks or throws because of what happens there. */
export interface TrainingClient {
  /**
   * Calls `listener` with every event from now on; the first subscriber also gets what came before it.
   * @returns ends the subscription
   */
  subscribe(listener: (event: RunEvent) => void): () => void;
  send(command: TrainingCommand): void;
  /** Lets go: an interactive training in a process of its own goes on without a screen, any other stops. */
  detach(): void;
  /** Settles when the training ended, or was let go and goes on; never rejects. */
  readonly exited: Promise<TrainingEnd>;
  /** Where it is trained. */
  readonly processId: number | undefined;
}

/** Starts a training. Whatever goes wrong, the start included, arrives as a `state` event and in `exited`. */
export function startTraining(request: TrainingRequest, surroundings: TrainingSurroundings): TrainingClient {
  const listeners = new Set<(event: RunEvent) => void>();
  let early: RunEvent[] | undefined = [];
  let end: TrainingEnd = { state: 'preparing' };
  let trainer: Trainer | undefined;
  let resolveExited: (end: TrainingEnd) => void = () => undefined;
  const exited = new Promise<TrainingEnd>((resolve) => (resolveExited = resolve));

  const onEvent = (event: RunEvent): void => {
    if (event.type === 'state') end = { state: event.state, ...(event.error && { error: event.error }) };
    if (early) early.push(event);
    for (const listener of listeners) listener(event);
  };
  const onEnd = (otherwise?: TrainingEnd): void => {
    if (isUnderWay(end.state) && otherwise) onEvent({ type: 'state', ...otherwise });
    resolveExited(end);
  };

  try {
    trainer = (surroundings.inProcess ? trainHere : trainApart)(surroundings, { onEvent, onEnd });
    trainer.send({ type: 'start', request });
  } catch (thrown) {
    const error = reportOf(thrown);
    setImmediate(() => onEnd({ state: 'failed', error }));
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      const missed = early;
      early = undefined;
      missed?.forEach((event) => listener(event));
      return () => listeners.delete(listener);
    },
    send: (command) => trainer?.send(command),
    detach() {
      if (!trainer) return;
      trainer.letGo();
      listeners.clear();
      if (!surroundings.inProcess) resolveExited(isUnderWay(end.state) ? { state: 'running' } : end);
    },
    exited,
    get processId() {
      return trainer?.processId;
    },
  };
}
