import { eventsOf, findRun, followRun, isActive, openRun } from '../engine/run/index.ts';
import type { ExitCode } from '../engine/base/errors.ts';
import { readablePlaces, type CommandContext } from './common.ts';
import { hasScreen } from './screen.ts';

export interface OpenOptions {
  /** A path, an id, the beginning of one, `last` or `demo`. */
  run: string;
}

/**
 * Opens a run in the screen; one that is still being trained is followed. Without a terminal it prints the network view.
 * @throws DeepviewError exit code 4 for a run that is not there or cannot be read
 */
export async function open(options: OpenOptions, context: CommandContext): Promise<ExitCode> {
  if (!hasScreen(context)) {
    const { show } = await import('./show.ts');
    return show({ run: options.run }, context);
  }
  const directory = await findRun(readablePlaces(context), options.run);
  // React and Ink load while the run is read.
  const [run, { showRun }, { sourceOf, sourceOfEvents }] = await Promise.all([
    openRun(directory),
    import('../views/screen/show-training.ts'),
    import('../views/screen/run-source.ts'),
  ]);
  const source = isActive(run.status)
    ? sourceOf((signal) => followRun(directory, signal), 'other')
    : sourceOfEvents(eventsOf(run));
  return showRun(source, context);
}
