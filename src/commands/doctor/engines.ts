import { engineChoice, engineStatus, type EngineStatus } from '../../engine/backend/status.ts';
import type { Paths } from '../../engine/base/paths.ts';
import type { Problem } from '../doctor.ts';

export interface EnginesState {
  /** What `--engine auto` takes, and why. */
  auto: { name: string; reason: string };
  engines: EngineStatus[];
}

/** Which engines there are. That the native one cannot be had is worth a word; that none can be is severe. */
export async function checkEngines(
  paths: Paths,
  env: NodeJS.ProcessEnv,
): Promise<{ state: EnginesState; problems: Problem[] }> {
  const engines = await engineStatus(paths, env);
  const usable = engines.filter((each) => each.usable);
  if (usable.length === 0) {
    const message = `No engine can be used: ${engines.map((each) => `${each.name}: ${each.reason}`).join('; ')}.`;
    const remedy = 'Install the program again: npm install.';
    return {
      state: { auto: { name: 'none', reason: message }, engines },
      problems: [{ code: 'no-engine', message, remedy, severe: true }],
    };
  }
  const { engine, reason } = engineChoice(engines);
  const problems = engines
    .filter((each) => each.name === 'tensorflow' && each.device === 'cpu' && !each.usable)
    .map((each) => ({
      code: 'no-native-engine',
      message: `The tensorflow engine cannot be used: ${each.reason}`,
      remedy: 'When that is mended: deepview-tui engine install. Until then wasm trains, several times slower.',
      severe: false,
    }));
  return { state: { auto: { name: engine.name, reason }, engines }, problems };
}
