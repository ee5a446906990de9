import type { ExplorationAnswer, ExplorationRequest } from '../engine/analysis/questions/messages.ts';
import type { Explorer } from '../engine/analysis/questions/explorer.ts';
import type { Paths } from '../engine/base/paths.ts';
import type { ScreenState } from '../views/model/state.ts';

/** What answers the screen's questions about a run's layers and neurons, in this thread. */
async function explorerOf(
  { directory, paths }: { directory: string; paths: Paths },
  hear: (answer: ExplorationAnswer) => void,
): Promise<Explorer> {
  const { Explorer } = await import('../engine/analysis/questions/explorer.ts');
  return new Explorer(directory, paths, hear);
}

/** Different kinds of questions are answered side by side; of one kind a later would replace an earlier one. */
const askAll = (explorer: Explorer, requests: readonly ExplorationRequest[]): Promise<unknown> =>
  Promise.all(requests.map((request) => explorer.ask(request)));

/**
 * All answers to some questions of different kinds, complete ones last. What cannot be answered is said by an answer.
 */
export async function answersTo(
  requests: readonly ExplorationRequest[],
  directory: string,
  paths: Paths,
): Promise<ExplorationAnswer[]> {
  const answers: ExplorationAnswer[] = [];
  const explorer = await explorerOf({ directory, paths }, (answer) => answers.push(answer));
  await askAll(explorer, requests);
  return answers;
}

/** Rounds of questions: an answer may make the next one possible, such as the patches of a facet. */
const rounds = 3;

/**
 * The state with everything answered that its view asks for: what a user would see who waited on the screen.
 * What cannot be answered is said in the view itself.
 * @param requests what a state's view needs to know
 */
export async function answered(
  state: ScreenState,
  requests: (state: ScreenState) => readonly ExplorationRequest[],
  run: { directory: string; paths: Paths },
): Promise<ScreenState> {
  const { reduce } = await import('../views/model/reducer.ts');
  let now = state;
  const hear = (answer: ExplorationAnswer): void => {
    now = reduce(now, { source: 'exploration', answer }).state;
  };
  const explorer = await explorerOf(run, hear);
  const asked = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const open = requests(now).filter((request) => !asked.has(JSON.stringify(request)));
    if (open.length === 0) break;
    for (const request of open) asked.add(JSON.stringify(request));
    await askAll(explorer, open);
  }
  return now;
}
