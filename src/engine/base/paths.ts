import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { DeepviewError } from './errors.ts';

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

/** The home of a user who has none: nothing is there, and nothing is ever made there. */
export const nowhere = '/nonexistent/no-home';

/** The user's home: of the environment, else of the system's list of users, in which a container's may be missing. */
export function homeOf({ HOME: home }: NodeJS.ProcessEnv): string {
  if (home !== undefined && isAbsolute(home)) return home;
  try {
    return userInfo().homedir;
  } catch {
    return nowhere;
  }
}

/**
 * The places for this user, after the XDG base directory rules.
 * An XDG variable that is not an absolute path is ignored, as those rules ask. Who has no home has all in XDG_DATA_HOME.
 */
export function pathsFor(env: NodeJS.ProcessEnv = process.env): Paths {
  const given = (variable: string): string | undefined => {
    const value = env[variable];
    return value !== undefined && isAbsolute(value) ? value : undefined;
  };
  const own = homeOf(env);
  const home = own === nowhere ? (given('XDG_DATA_HOME') ?? nowhere) : own;
  const base = (variable: string, fallback: string): string =>
    join(given(variable) ?? join(home, fallback), 'deepview-tui');
  const data = base('XDG_DATA_HOME', '.local/share');
  return {
    runs: join(data, 'runs'),
    engines: join(data, 'engines'),
    cache: base('XDG_CACHE_HOME', '.cache'),
    config: join(base('XDG_CONFIG_HOME', '.config'), 'config.json'),
    log: join(base('XDG_STATE_HOME', '.local/state'), 'deepview-tui.log'),
  };
}

/** Whether a place would lie in the home of a user who has none. */
export const isNowhere = (path: string): boolean => path.startsWith(nowhere);

/** @throws DeepviewError `no-home` for a place that cannot be, since nothing says where */
export function requireSomewhere(path: string): void {
  if (!isNowhere(path)) return;
  throw new DeepviewError('no-home', noHome, { hint: 'Both name a directory that can be written, by its whole path.' });
}

export const noHome = 'HOME is not set; set it or XDG_DATA_HOME';
