import { eventsOf, findRun, followRun, isActive, openRun } from '../engine/run/index.ts';
import { exitCodes, type ExitCode } from '../engine/base/errors.ts';
import { printable } from '../engine/base/printable.ts';
import { firstMetric } from '../engine/metrics/index.ts';
import type { RunEvent } from '../engine/training/messages.ts';
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
  const directory = await findRun(readablePlaces(context), options.run);
  // React and Ink load while the run is read.
  const [run, { showRun }, { sourceOf, sourceOfEvents }] = await Promise.all([
    openRun(directory, { wanted: [firstMetric] }),
    import('../views/screen/show-training.ts'),
    import('../views/screen/run-source.ts'),
  ]);
  const source = isActive(run.status)
    ? sourceOf((signal) => followRun(directory, signal), 'other')
    : sourceOfEvents(eventsOf(run), run.measured);
  return showRun(source, context);
}

/**
 * Shows a run that another process writes, as it grows. Without a terminal it prints a line per epoch, with `--json` an
 * event a line, until the run ends.
 * @throws DeepviewError exit code 4 for a run that is not there or cannot be read
 */
export async function watch(options: RunNamed, context: CommandContext): Promise<ExitCode> {
  const directory = await findRun(readablePlaces(context), options.run);
  if (!hasScreen(context)) return printEvents(followRun(directory, context.signal), context);
  const [{ showRun }, { sourceOf }] = await Promise.all([
    import('../views/screen/show-training.ts'),
    import('../views/screen/run-source.ts'),
  ]);
  return showRun(
    sourceOf((signal) => followRun(directory, signal), 'other'),
    context,
  );
}

async function printEvents(events: AsyncIterable<RunEvent>, context: CommandContext): Promise<ExitCode> {
  let table: ReturnType<typeof recordTable> | undefined;
  for await (const event of events) {
    if (context.json) printJson(context, eventJson(event));
    else if (event.type === 'run') {
      table = recordTable(event.header);
      for (const line of headerLines(event.header, event.directory)) printLine(context, line);
    } else if (event.type === 'epoch' && table) {
      for (const line of table(event.record)) printLine(context, line);
    } else if (event.type === 'notice') printLine(context, printable(event.text, 1000));
    else if (event.type === 'state') printLine(context, event.state);
  }
  return context.signal.aborted ? exitCodes.interrupted : exitCodes.done;
}
