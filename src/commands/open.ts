import {
  askRun,
  eventsOf,
  findRun,
  followRun,
  isActive,
  isUnprepared,
  openRun,
  type OpenRun,
} from '../engine/run/index.ts';
import { exitCodes, type ExitCode } from '../engine/base/errors.ts';
import { printable } from '../engine/base/printable.ts';
import { firstMetric } from '../engine/metrics/index.ts';
import { requestOf, type RunEvent, type TrainingCommand } from '../engine/training/messages.ts';
import { hasScreen, printJson, printLine, readablePlaces, type CommandContext } from './common.ts';
import { eventJson, headerLines, recordTable } from './train-report.ts';

interface RunNamed {
  /** A path, an id, the beginning of one, `last` or `demo`. */
  run: string;
}

/**
 * Opens a run in the screen; one that is still being trained is followed. Without a terminal it prints the network view.
 * @throws DeepviewError exit code 4 for a run that is not there or cannot be read
 */
export async function open(options: RunNamed, context: CommandContext): Promise<ExitCode> {
  if (!hasScreen(context)) {
    const { show } = await import('./show.ts');
    return show({ run: options.run }, context);
  }
  const directory = await findRun({ ...readablePlaces(context), unprepared: true }, options.run);
  // React and Ink load while the run is read.
  const [run, { showRun }, { sourceOfEvents }] = await Promise.all([
    restingRun(directory),
    import('../views/screen/show-training.ts'),
    import('../views/screen/run-source.ts'),
  ]);
  if (!run) return showGrowing(directory, context);
  return showRun(sourceOfEvents(eventsOf(run), run.measured), context);
}

/** A run to be shown as it is; nothing where it is to be followed, for a process may be at work on it. */
export async function restingRun(directory: string): Promise<OpenRun | undefined> {
  if (await isUnprepared(directory)) return undefined;
  const run = await openRun(directory, { wanted: [firstMetric] });
  return isActive(run.status) ? undefined : run;
}

/** Asks the process that writes a run for what a person asks of its screen. */
export const sendTo =
  (directory: string) =>
  async (command: TrainingCommand): Promise<void> => {
    const request = requestOf(command);
    if (request) await askRun(directory, request);
  };

/** Shows a run that another process writes: what is asked of it on the screen goes through its directory. */
async function showGrowing(directory: string, context: CommandContext): Promise<ExitCode> {
  const [{ showRun }, { sourceOf }] = await Promise.all([
    import('../views/screen/show-training.ts'),
    import('../views/screen/run-source.ts'),
  ]);
  return showRun(
    sourceOf((signal) => followRun(directory, signal), sendTo(directory)),
    context,
  );
}

/**
 * Shows a run that another process writes, as it grows. Without a terminal it prints a line per epoch, with `--json` an
 * event a line, until the run ends.
 * @returns 1 where the run has failed by then
 * @throws DeepviewError exit code 4 for a run that is not there or cannot be read
 */
export async function watch(options: RunNamed, context: CommandContext): Promise<ExitCode> {
  const directory = await findRun({ ...readablePlaces(context), unprepared: true }, options.run);
  if (hasScreen(context)) return showGrowing(directory, context);
  return printEvents(followRun(directory, context.signal), context);
}

async function printEvents(events: AsyncIterable<RunEvent>, context: CommandContext): Promise<ExitCode> {
  let table: ReturnType<typeof recordTable> | undefined;
  let hasFailed = false;
  for await (const event of events) {
    if (event.type === 'state') hasFailed = ['failed', 'diverged', 'crashed'].includes(event.state);
    if (context.json) printJson(context, eventJson(event));
    else if (event.type === 'begun') printLine(context, `${printable(event.id)} is being prepared`);
    else if (event.type === 'run') {
      table = recordTable(event.header);
      for (const line of headerLines(event.header, event.directory)) printLine(context, line);
    } else if (event.type === 'epoch' && table) {
      for (const line of table(event.record)) printLine(context, line);
    } else if (event.type === 'notice') printLine(context, printable(event.text, 1000));
    else if (event.type === 'state') {
      printLine(context, event.ending ? `${event.state}, stopping` : event.state);
      if (event.error) printLine(context, printable(event.error.message, 1000));
    }
  }
  if (context.signal.aborted) return exitCodes.interrupted;
  return hasFailed ? exitCodes.failed : exitCodes.done;
}
