import {
  differences,
  differencesText,
  findRun,
  followRun,
  listRuns,
  eventsOf,
  openRun,
  runChanges,
  type KnownRuns,
  type RunSummary,
} from '../engine/run/index.ts';
import { firstMetric } from '../engine/metrics/index.ts';
import type { RunEvent } from '../engine/training/messages.ts';
import { DeepviewError, type ExitCode } from '../engine/base/errors.ts';
import { sidesOf } from '../engine/analysis/comparison/compared-runs.ts';
import { restingRun, sendTo } from './open.ts';
import { withRecords } from './run-place.ts';
import type { HomeEntry } from '../views/model/state.ts';
import { changeablePlaces, readablePlaces, type CommandContext } from './common.ts';

/** A run as the home screen lists it. */
function entryOf(run: RunSummary, differs: Record<string, string>): HomeEntry {
  const { directory, id, network = '–', dataset, state, epochs, validationLoss, bestTop1Error } = run;
  return {
    directory,
    id,
    network,
    dataset,
    differs: differencesText(differs),
    state,
    epochs: epochs.done,
    plannedEpochs: epochs.planned,
    validationLoss,
    bestTop1Error,
  };
}

/** A checkout without its samples offers no demo. */
function onlyAbsent(thrown: unknown): undefined {
  if (!(thrown instanceof DeepviewError)) throw thrown;
}

/** A run's events: followed if it is being trained, else all that there is. */
async function* eventsFrom(directory: string, signal: AbortSignal): AsyncGenerator<RunEvent> {
  const run = await restingRun(directory);
  if (!run) yield* followRun(directory, signal);
  else {
    yield* eventsOf(run);
    yield* run.measured(signal);
  }
}

/** The program without a command, on a terminal: recent runs, training lenet on CIFAR-10, and the demo. */
export async function home(context: CommandContext): Promise<ExitCode> {
  const [{ showHome, sourceOfTraining }, { sourceOf }] = await Promise.all([
    import('../views/screen/show-training.ts'),
    import('../views/screen/run-source.ts'),
  ]);
  const { paths, env } = context;
  const { startTraining } = await import('../engine/training/trainer-client.ts');
  const known: KnownRuns = new Map();
  return showHome(
    {
      changes: (signal) => runChanges(paths.runs, signal),
      list: async () => {
        const { runs, unreadable } = await listRuns(paths.runs, undefined, known);
        const differing = differences(runs.map(({ header }) => header));
        return {
          entries: runs.map((run, at) => entryOf(run, differing[at])),
          unreadable: unreadable.map(({ error }) => error.message),
          demo: await findRun(readablePlaces(context), 'demo').catch(onlyAbsent),
        };
      },
      open: (directory) =>
        sourceOf(async function* (signal) {
          yield* eventsFrom(await findRun(changeablePlaces(context), directory), signal);
        }, sendTo(directory)),
      async compare(directories) {
        const runs = await Promise.all(
          directories.map(async (directory) =>
            withRecords(await openRun(await findRun(changeablePlaces(context), directory), { wanted: [firstMetric] })),
          ),
        );
        return sidesOf(runs);
      },
      train: () =>
        sourceOfTraining(
          () =>
            startTraining(
              { network: 'lenet', data: 'cifar10', dataByDefault: true, seed: 1, engine: 'auto' },
              { interactive: true, paths, env },
            ),
          'own',
        ),
    },
    context,
  );
}
