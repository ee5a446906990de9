import { printable } from '../../engine/base/printable.ts';
import { isTrainedHere } from '../model/state.ts';
import { isUnderWay } from '../model/run-model.ts';
import type { ScreenEnd } from './run-screen.ts';

/** What stays on the terminal when the screen is left: where the run is, and how to see it again. */
export function closingLines({ run, control, how }: Pick<ScreenEnd, 'run' | 'control' | 'how'>): string[] {
  const { header, directory } = run;
  if (!header || !directory) {
    return control === 'own' && how === 'detached' ? ['Preparing goes on; see it with: deepview-tui watch last'] : [];
  }
  const id = printable(header.id);
  const done = run.epochs.length;
  const count = `${done} of ${header.training.epochs} epochs`;
  const where = printable(directory, 1000);
  if (control === 'own' && isUnderWay(run.state)) {
    return [`${id}: training goes on (${count}) in ${where}`, `See it again with: deepview-tui watch ${id}`];
  }
  if (isTrainedHere({ control }) && run.state === 'stopped') {
    return [`${id}: stopped after ${count}, kept in ${where}`, `Go on with: deepview-tui train --resume ${id}`];
  }
  return [`${id}: ${run.state}, ${count}, in ${where}`, `See it again with: deepview-tui open ${id}`];
}
