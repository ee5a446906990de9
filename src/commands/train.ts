import { errorOf, exitCodes, type ExitCode } from '../engine/base/errors.ts';
import { printable } from '../engine/base/printable.ts';
import { findRun, runWord, type RunHeader } from '../engine/run/index.ts';
import type { RunEvent, TrainingRequest } from '../engine/training/messages.ts';
import { validateRequest } from '../engine/training/request.ts';
import { startTraining, type TrainingClient } from '../engine/training/trainer-client.ts';
import { hasScreen, printJson, printLine, progressReporter, type CommandContext } from './common.ts';
import { eventJson, headerLines, recordTable, throttled } from './train-report.ts';

export interface TrainOptions {
  request: TrainingRequest;
  /** Lines instead of the screen, also in a terminal. */
  headless: boolean;
  /** Train in threads of this process, with which the training ends. */
  inProcess?: boolean;
}

/**
 * Trains, in a process of its own unless asked otherwise, and shows it: on the screen, or as lines where there is no terminal.
 * Lines stop when their reader goes away; the training goes on, for the run is on the disk.
 * @returns 0 when all epochs are done, 130 when stopped before
 * @throws DeepviewError for a request that cannot be met (exit code 2) and for whatever ended the training
 */
export async function train(options: TrainOptions, context: CommandContext): Promise<ExitCode> {
  const { paths, env, cwd } = context;
  const { inProcess = false } = options;
  const { resume } = options.request;
  const request = await validateRequest(
    {
      ...options.request,
      ...(resume !== undefined && { resume: await findRun({ runs: paths.runs, cwd }, resume) }),
    },
    paths,
  );
  if (!options.headless && hasScreen(context)) {
    const { showTraining } = await import('../views/screen/show-training.ts');
    const start = (): TrainingClient => startTraining(request, { interactive: true, inProcess, paths, env });
    return showTraining(start, inProcess ? 'inside' : 'own', context);
  }
  const client = startTraining(request, { interactive: false, inProcess, paths, env });
  return context.json ? reportJson(client, context) : reportLines(client, context);
}

async function reportJson(client: TrainingClient, context: CommandContext): Promise<ExitCode> {
  const wanted = throttled(() => performance.now());
  return follow(client, context, (event) => {
    if (wanted(event)) printJson(context, eventJson(event));
  });
}

/**
 * Prints a training as lines, to its end.
 * @returns 0 when all epochs are done, 130 when it was stopped
 * @throws DeepviewError for whatever ended it
 */
export async function reportLines(client: TrainingClient, context: CommandContext): Promise<ExitCode> {
  const { stderr } = context;
  // Never rewritten in place: without the screen every line stands for itself.
  const steps = progressReporter({ stderr: { write: stderr.write.bind(stderr), isTTY: false, columns: 80 } });
  let header: RunHeader | undefined;
  let directory: string | undefined;
  let table: ReturnType<typeof recordTable> | undefined;
  let epochs = 0;
  const code = await follow(client, context, (event) => {
    if (event.type === 'step') steps.onProgress(event.progress);
    else if (event.type === 'notice') steps.onNotice(printable(event.text, 1000));
    else if (event.type === 'run') {
      ({ header, directory } = event);
      table = recordTable(event.header);
      for (const line of headerLines(event.header, event.directory)) printLine(context, line);
    } else if (event.type === 'epoch' && table) {
      epochs = event.record.number;
      for (const line of table(event.record)) printLine(context, line);
    }
  });
  if (directory === undefined || !header) return code;
  const word = runWord(directory, context.paths.runs);
  printLine(
    context,
    code === exitCodes.done
      ? `finished; see it with: deepview-tui open ${word}`
      : `stopped after ${epochs} of ${header.training.epochs} epochs; go on with: deepview-tui train --resume ${word}`,
  );
  return code;
}

/** Hands every event to `show` until the training ended; an interruption stops it first. */
async function follow(
  client: TrainingClient,
  { signal }: CommandContext,
  show: (event: RunEvent) => void,
): Promise<ExitCode> {
  const stop = (): void => client.send({ type: 'stop', when: 'now' });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  client.subscribe(show);
  const end = await client.exited;
  signal.removeEventListener('abort', stop);
  if (end.error) throw errorOf(end.error);
  return end.state === 'finished' ? exitCodes.done : exitCodes.interrupted;
}
