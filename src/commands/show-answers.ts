import type { ExplorationAnswer, ExplorationRequest } from '../engine/analysis/questions/messages.ts';
import type { Paths } from '../engine/base/paths.ts';
import type { ScreenState } from '../views/model/state.ts';

/** Rounds of questions: an answer may make the next one possible, such as the patches of a facet. */
const rounds = 3;

/**
 * The state with everything answered that its view asks for: what somebody would see who waited on the screen.
 * What cannot be answered is said in the view itself.
 * @param requests what a state's view needs to know
 */
export async function answered(
  state: ScreenState,
  requests: (state: ScreenState) => readonly ExplorationRequest[],
  { directory, paths }: { directory: string; paths: Paths },
): Promise<ScreenState> {
  const [{ Explorer }, { reduce }] = await Promise.all([
    import('../engine/analysis/questions/explorer.ts'),
    import('../views/model/reducer.ts'),
  ]);
  let now = state;
  const explorer = new Explorer(directory, paths, (answer: ExplorationAnswer) => {
    now = reduce(now, { source: 'exploration', answer }).state;
  });
  const asked = new Set<string>();
  try {
    for (let round = 0; round < rounds; round++) {
      const open = requests(now).filter((request) => !asked.has(JSON.stringify(request)));
      if (open.length === 0) break;
      // Different kinds of questions are answered side by side; of one kind a later would replace an earlier one.
      for (const request of open) asked.add(JSON.stringify(request));
      await Promise.all(open.map((request) => explorer.ask(request)));
    }
  } finally {
    await explorer.close();
  }
  return now;
}
