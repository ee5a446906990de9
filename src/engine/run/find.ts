import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { DeepviewError, exitCodes } from '../base/errors.ts';
import { printable, shellWord } from '../base/printable.ts';
import { isShipped } from '../base/program-files.ts';
import { isUnderWay } from './format.ts';
import { runFiles } from './layout.ts';
import { runDirectories, summariseRun } from './list.ts';
import { isUnprepared } from './preparing.ts';
import { begunAt, readHeader } from './records.ts';

/** Where runs are looked for. */
export interface RunPlaces {
  /** The user's runs. */
  runs: string;
  /** The recorded run that is shipped with the program; absent for what would change it: it is only looked at. */
  demo?: string;
  /** What a relative path starts from. */
  cwd?: string;
  /** Also runs that are being prepared, or ended before they were: there is nothing of them to be read. */
  unprepared?: boolean;
}

/**
 * The directory of the run that a person means.
 * @param word a path, an id, the beginning of exactly one id, `last`, or `demo`
 * @throws DeepviewError `unknown-run`, `ambiguous-run`, `no-runs`, `no-demo`, `not-prepared`, exit code 4;
 *   `demo-is-read-only`, exit code 2
 */
export async function findRun(places: RunPlaces, word: string): Promise<string> {
  const directory = await directoryOf(places, word);
  if (!places.unprepared && (await isUnprepared(directory))) throw await unpreparedError(directory, places.runs);
  return directory;
}

async function directoryOf(places: RunPlaces, word: string): Promise<string> {
  if (word === 'demo') {
    if (places.demo !== undefined && (await hasHeader(places.demo))) return places.demo;
    throw places.demo === undefined
      ? new DeepviewError('demo-is-read-only', 'the demo is shipped with the program and can only be looked at', {
          hint: 'Look at it with: deepview-tui demo, show demo',
          exitCode: exitCodes.usage,
        })
      : new DeepviewError('no-demo', 'this installation has no recorded demo run', {
          hint: 'Train a small one: deepview-tui train --data shapes --epochs 3',
          exitCode: exitCodes.unreadable,
        });
  }
  if (word === '') throw unknown(word, []);
  const path = resolve(places.cwd ?? process.cwd(), word);
  if ((await hasHeader(path)) || (await isUnprepared(path).catch(() => false))) return path;
  // `run.json` itself, as a shell completes it.
  if (basename(path) === 'run.json' && (await hasHeader(dirname(path)))) return dirname(path);

  const directories = await runDirectories(places.runs);
  if (word === 'last') return newest(directories, places);
  const byId = new Map<string, string>();
  for (const directory of directories) byId.set(basename(directory), directory);
  const exact = byId.get(word);
  if (exact) return exact;
  const matching = [...byId.keys()].filter((id) => id.startsWith(word));
  if (matching.length === 1) return byId.get(matching[0]) as string;
  if (matching.length > 1) {
    throw new DeepviewError('ambiguous-run', `"${printable(word)}" begins ${matching.length} runs: ${some(matching)}`, {
      hint: 'Give more of the id.',
      exitCode: exitCodes.unreadable,
    });
  }
  throw unknown(word, [...byId.keys()]);
}

async function newest(directories: string[], { runs, unprepared }: RunPlaces): Promise<string> {
  let last: { directory: string; time: number } | undefined;
  let failure: DeepviewError | undefined;
  for (const directory of directories) {
    try {
      const isBare = await isUnprepared(directory);
      if (isBare && !unprepared) continue;
      const time = isBare
        ? (await summariseRun(directory)).begunAt
        : await begunAt(directory, await readHeader(directory));
      if (!last || time >= last.time) last = { directory, time };
    } catch (thrown) {
      if (!(thrown instanceof DeepviewError)) throw thrown;
      failure = thrown;
    }
  }
  if (last) return last.directory;
  if (failure) throw failure;
  throw new DeepviewError('no-runs', `there is no run under ${printable(runs, 1000)}`, {
    hint: 'Train one: deepview-tui train',
    exitCode: exitCodes.unreadable,
  });
}

/**
 * The word by which a command line means a run: its id among the user's runs, `demo`, else its path.
 * @param runs where the user's runs are
 */
export function runWord(directory: string, runs: string): string {
  if (isShipped(directory)) return 'demo';
  const path = resolve(directory);
  return shellWord(dirname(path) === resolve(runs) ? basename(path) : path);
}

async function unpreparedError(directory: string, runs: string): Promise<DeepviewError> {
  const { id, state, status } = await summariseRun(directory);
  const word = runWord(directory, runs);
  const why = status?.error ? `: ${status.error.message}` : '';
  const [what, hint] = isUnderWay(state)
    ? ['is still being prepared: there is nothing to see yet', `Watch it with: deepview-tui watch ${word}`]
    : [`ended before it was prepared (${state})${why}`, `Delete it with: deepview-tui runs rm ${word}`];
  return new DeepviewError('not-prepared', `the run ${printable(id)} ${what}`, {
    hint,
    exitCode: exitCodes.unreadable,
  });
}

async function hasHeader(directory: string): Promise<boolean> {
  return stat(runFiles.header(directory)).then(
    (found) => found.isFile(),
    () => false,
  );
}

function unknown(word: string, ids: readonly string[]): DeepviewError {
  return new DeepviewError('unknown-run', `there is no run "${printable(word)}"`, {
    hint:
      ids.length > 0
        ? `Runs there are: ${some([...ids].reverse())}. A path to a run's directory works too.`
        : 'There are no runs yet; a path to a run directory works too.',
    exitCode: exitCodes.unreadable,
  });
}

function some(ids: readonly string[]): string {
  const shown = ids.slice(0, 6).map((id) => printable(id, 60));
  return ids.length > shown.length ? `${shown.join(', ')} and ${ids.length - shown.length} more` : shown.join(', ');
}
