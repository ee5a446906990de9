import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Every place on disk that the program uses; the only file that knows where. */
export interface Paths {
  /** Runs, one directory each. */
  runs: string;
  /** Native engines, one directory a version; shared by all checkouts. */
  engines: string;
  /** Data sets and what is derived from them; may be deleted at any time. */
  cache: string;
  /** Per-user settings. */
  config: string;
  /** What native libraries and background training print. */
  log: string;
}

/**
 * The places for this user, after the XDG base directory rules.
 * An XDG variable that is not an absolute path is ignored, as those rules ask.
 */
export function pathsFor(env: NodeJS.ProcessEnv = process.env): Paths {
  const home = env['HOME'] || homedir() || tmpdir();
  const base = (variable: string, fallback: string): string => {
    const value = env[variable];
    return join(value?.startsWith('/') ? value : join(home, fallback), 'deepview-tui');
  };
  const data = base('XDG_DATA_HOME', '.local/share');
  return {
    runs: join(data, 'runs'),
    engines: join(data, 'engines'),
    cache: base('XDG_CACHE_HOME', '.cache'),
    config: join(base('XDG_CONFIG_HOME', '.config'), 'config.json'),
    log: join(base('XDG_STATE_HOME', '.local/state'), 'deepview-tui.log'),
  };
}
