import type { RunEvent, TrainingCommand } from '../../engine/training/messages.ts';
import { reportOf } from '../../engine/base/errors.ts';
import type { Control } from '../model/state.ts';

/** Where a screen's run comes from: a trainer of its own, a run another process writes, or a finished one. */
export interface RunSource {
  readonly control: Control;
  /** Calls the listener with every event, from the beginning. @returns ends that */
  subscribe(listener: (event: RunEvent) => void): () => void;
  send(command: TrainingCommand): void;
  /** Lets go. What trains goes on. */
  detach(): void;
}

/**
 * A run that is read, not trained here. Reading begins with the first subscriber; an error while reading becomes the
 * run's state, as a trainer's would.
 * @param send asks the process that trains it; absent where none does
 */
export function sourceOf(
  read: (signal: AbortSignal) => AsyncIterable<RunEvent>,
  send?: (command: TrainingCommand) => Promise<void>,
): RunSource {
  const abort = new AbortController();
  let tell: (event: RunEvent) => void = () => undefined;
  return {
    control: send ? 'other' : 'none',
    subscribe(listener) {
      tell = listener;
      const deliver = async (): Promise<void> => {
        try {
          for await (const event of read(abort.signal)) {
            if (abort.signal.aborted) return;
            listener(event);
          }
        } catch (thrown) {
          if (!abort.signal.aborted) listener({ type: 'state', state: 'failed', error: reportOf(thrown) });
        }
      };
      void deliver();
      return () => abort.abort();
    },
    send(command) {
      send?.(command).catch((thrown: unknown) => tell({ type: 'notice', text: reportOf(thrown).message }));
    },
    detach: () => abort.abort(),
  };
}

/** A run of which all that is shown first is known already. @param later what is found of it then */
export function sourceOfEvents(
  events: readonly RunEvent[],
  later: (signal: AbortSignal) => AsyncIterable<RunEvent>,
): RunSource {
  const rest = sourceOf(later);
  return {
    ...rest,
    subscribe(listener) {
      events.forEach(listener);
      return rest.subscribe(listener);
    },
  };
}
