/** What the user may ask for: `--ascii`. */
export const asciiChoices = ['auto', 'on', 'off'] as const;
export type AsciiChoice = (typeof asciiChoices)[number];

/** Which characters are drawn, and why. */
export interface Characters {
  ascii: boolean;
  /** For the user, one line. */
  reason: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** What has been heard of the terminal's characters. */
export interface HeardCharacters {
  /** Columns that the cursor moved over a character of one column that has two bytes in UTF-8. */
  columnsOfTwoBytes?: number;
  /** What tmux says of the terminal that shows its session: `#{client_utf8}`. */
  clientUtf8?: string | undefined;
}

/** The variable that says the character set, as the C library chooses it: the first that is set. */
function localeOf(env: Env): readonly [name: string, value: string] | undefined {
  const name = ['LC_ALL', 'LC_CTYPE', 'LANG'].find((each) => env[each]);
  return name === undefined ? undefined : [name, env[name] ?? ''];
}

/**
 * Whether only the terminal can tell: C and POSIX stand for no choice (containers, cron) as well as for ASCII.
 * @param choice what the user asks for
 */
export const isUnsure = (choice: AsciiChoice, env: Env): boolean =>
  choice === 'auto' && ['C', 'POSIX'].includes(localeOf(env)?.[1] ?? '');

/** The characters to draw on a terminal. @param heard what it said, where it was asked */
export function charactersFor(
  choice: AsciiChoice,
  env: Env,
  { columnsOfTwoBytes = 1, clientUtf8 }: HeardCharacters = {},
): Characters {
  if (choice !== 'auto') return { ascii: choice === 'on', reason: 'asked for' };
  if (env['TERM'] === 'linux') return { ascii: true, reason: "the console's font lacks braille and other signs" };
  if (clientUtf8 === '0') return { ascii: true, reason: 'tmux says that its terminal has no UTF-8' };
  const [name, value] = localeOf(env) ?? ['', ''];
  const set = /\.([^@]+)/.exec(value)?.[1];
  if (set !== undefined && !/^utf-?8$/i.test(set)) return { ascii: true, reason: `${name} names ${set}` };
  if (columnsOfTwoBytes > 1 && isUnsure(choice, env)) {
    return { ascii: true, reason: `${name} is ${value}, and the terminal takes two bytes for two characters` };
  }
  return { ascii: false, reason: set === undefined ? 'nothing speaks against UTF-8' : `${name} names ${set}` };
}
