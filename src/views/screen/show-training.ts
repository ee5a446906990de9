import { errorOf, exitCodes, Interruption, type ExitCode } from '../../engine/base/errors.ts';
import type { Side } from '../../engine/analysis/comparison/compared-runs.ts';
import { runWord } from '../../engine/run/find.ts';
import type { TrainingClient } from '../../engine/training/trainer-client.ts';
import { clocked } from '../model/metrics.ts';
import { isTrainedHere } from '../model/state.ts';
import { epochsDone } from '../../engine/run/format.ts';
import { harmless, printable } from '../../engine/base/printable.ts';
import { isUnderWay } from '../model/run-model.ts';
import type { RunSource } from './run-source.ts';
import {
  runScreen,
  type HomeActions,
  type ScreenEnd,
  type ScreenOptions,
  type ScreenSurroundings,
} from './run-screen.ts';
import { saveScreenshot } from './screenshot.ts';

/** The terminal and what the user wants of it, as a command has them. */
export type ViewContext = ScreenSurroundings & { cwd: string; signal: AbortSignal };

/** A training of ours as what a screen shows; it begins when the screen listens. */
export function sourceOfTraining(start: () => TrainingClient, control: 'own' | 'inside'): RunSource {
  let client: TrainingClient | undefined;
  return {
    control,
    subscribe(listener) {
      client = start();
      return client.subscribe(listener);
    },
    send: (command) => client?.send(command),
    detach: () => client?.detach(),
  };
}

/** What stays on the terminal when the screen is left: where the run is, and how to see it again. */
function closingLines({ run, control }: Pick<ScreenEnd, 'run' | 'control'>, runs: string): string[] {
  const { header, begun } = run;
  const directory = run.directory ?? begun?.directory;
  if (directory === undefined) return [];
  const word = runWord(directory, runs);
  const isLeft = control === 'own' || control === 'other';
  if (!header) {
    const goesOn = `${printable(begun?.id ?? word)}: preparing goes on in ${printable(directory, 1000)}`;
    return isLeft && isUnderWay(run.state) ? [goesOn, `See it with: deepview-tui watch ${word}`] : [];
  }
  const id = printable(header.id);
  const { epochs: planned } = header.training;
  const done = planned > 0 ? epochsDone(run.epochs.at(-1)) : run.epochs.length;
  // Of steps, and of what other programs train, it is not known how many there will be.
  const count =
    planned > 0 ? `${done} of ${planned} epochs` : clocked(run, `${done} ${done === 1 ? 'epoch' : 'epochs'}`);
  const where = printable(directory, 1000);
  if (isLeft && isUnderWay(run.state)) {
    return [`${id}: training goes on (${count}) in ${where}`, `See it again with: deepview-tui watch ${word}`];
  }
  if (isTrainedHere({ control }) && run.state === 'stopped') {
    return [`${id}: stopped after ${count}, kept in ${where}`, `Go on with: deepview-tui train --resume ${word}`];
  }
  const again = word === 'demo' ? word : `open ${word}`;
  return [`${id}: ${run.state}, ${count}, in ${where}`, `See it again with: deepview-tui ${again}`];
}

/** @throws DeepviewError an `Interruption`, where a signal or its terminal's end ended the screen */
function requireLeft({ how, signal }: ScreenEnd): void {
  if (how === 'gone') throw new Interruption(signal ?? 'SIGHUP');
}

/**
 * What a screen's end means for the process: its last lines, and its exit code or the run's error.
 * @throws DeepviewError also an `Interruption`, where a signal or its terminal's end ended it
 */
function finish(end: ScreenEnd, { stdout, paths }: ViewContext): ExitCode {
  const { run } = end;
  requireLeft(end);
  for (const line of closingLines(end, paths.runs)) stdout.write(`${harmless(line)}\n`);
  if (isTrainedHere(end) && run.error) throw errorOf(run.error);
  if (isTrainedHere(end) && run.state === 'stopped') return exitCodes.interrupted;
  return exitCodes.done;
}

function screenOn(shown: Omit<ScreenOptions, 'screenshot'>, context: ViewContext): Promise<ScreenEnd> {
  // Later the screen hears signals itself.
  context.signal.throwIfAborted();
  return runScreen({ ...shown, screenshot: (state) => saveScreenshot(state, context.cwd) }, context);
}

/**
 * Trains on the screen. What is trained in this process is stopped when the screen ends, and has ended on return.
 * @param control in which process it is trained
 * @returns 0 when the run finished or goes on by itself, 130 when it was stopped
 * @throws DeepviewError the error that ended the training, once the terminal is as it was
 */
export async function showTraining(
  start: () => TrainingClient,
  control: 'own' | 'inside',
  context: ViewContext,
): Promise<ExitCode> {
  let client: TrainingClient | undefined;
  const source = sourceOfTraining(() => (client = start()), control);
  const end = await screenOn({ source }, context);
  if (!isUnderWay(end.run.state)) return finish(end, context);
  source.detach();
  if (control === 'own' || !client) return finish(end, context);
  const { state } = await client.exited;
  return finish({ ...end, run: { ...end.run, state } }, context);
}

/** Shows a run that is not trained here. */
export async function showRun(source: RunSource, context: ViewContext): Promise<ExitCode> {
  const end = await screenOn({ source }, context);
  source.detach();
  return finish(end, context);
}

/** Shows what tells runs apart, at first by a metric of their layers. */
export async function showComparison(
  compared: readonly Side[],
  metric: string,
  context: ViewContext,
): Promise<ExitCode> {
  requireLeft(await screenOn({ compared, metric }, context));
  return exitCodes.done;
}

/** Shows the runs there are, and what is opened from there. */
export async function showHome(home: HomeActions, context: ViewContext): Promise<ExitCode> {
  return finish(await screenOn({ home }, context), context);
}
