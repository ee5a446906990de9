import { printable } from '../../engine/base/printable.ts';

/**
 * What is told beside the cells: `auto` sets the window's title and its progress, and rings when a training ends that the
 * user has stopped looking at; `title` never rings; `off` leaves all of it alone.
 */
export const announceChoices = ['auto', 'title', 'off'] as const;
export type AnnounceChoice = (typeof announceChoices)[number];

/** How far what a window shows is, as terminals draw it beside the window's name. */
export interface TabProgress {
  /** 0..1. */
  share: number;
  state: 'going' | 'paused';
}

export interface TabSurroundings {
  env: Readonly<Record<string, string | undefined>>;
  /** Sends sequences that change no cell. */
  write: (sequences: string) => void;
}

const saveTitle = '\u001b[22;2t';
const restoreTitle = '\u001b[23;2t';
const noProgress = '\u001b]9;4;0\u001b\\';
const progressStates = { going: 1, paused: 4 } as const;
const longestTitle = 80;

/** What is known of terminals by the names that they give themselves, or that the environment gives. */
interface Family {
  name: RegExp;
  /** Draws progress (OSC 9;4). Others take that for a notification whose text it is. */
  hasProgress?: true;
  /** The number of the sequence that it makes a notification of. */
  notifies?: 9 | 777;
}

const families: readonly Family[] = [
  { name: /^ghostty\b/i, hasProgress: true, notifies: 9 },
  { name: /^(windows-terminal|conemu|mintty|vscode)\b/i, hasProgress: true },
  { name: /^(iterm2?|kitty|wezterm)\b/i, notifies: 9 },
  { name: /^(foot|rxvt|contour|vte|konsole)\b/i, notifies: 777 },
];

function nameIn(env: TabSurroundings['env']): string {
  if (env['WT_SESSION']) return 'windows-terminal';
  if (env['ConEmuPID']) return 'conemu';
  return (
    env['TERM_PROGRAM'] ?? (env['VTE_VERSION'] ? 'vte' : (env['TERM'] ?? '').replace(/^xterm-(?=kitty|ghostty)/, ''))
  );
}

/**
 * What a terminal shows of a program outside of its cells: the title of the window, progress in its tab, and
 * notifications. The title is kept by the terminal while the screen is open, and put back.
 */
export class TerminalTab {
  readonly #surroundings: TabSurroundings;
  #family: Family | undefined;
  #title = '';
  #progress = '';

  constructor(surroundings: TabSurroundings) {
    this.#surroundings = surroundings;
    this.#learn(nameIn(surroundings.env));
  }

  /** Takes the name that the terminal gives itself (XTVERSION). */
  hear(name: string | undefined): void {
    if (name !== undefined) this.#learn(name);
  }

  /** Sends a title where it is another one. The terminal keeps the one from before. */
  title(text: string): void {
    const next = `\u001b]2;${printable(text, longestTitle)}\u001b\\`;
    if (next === this.#title) return;
    const isFirst = this.#title === '';
    this.#title = next;
    this.#surroundings.write(isFirst ? saveTitle + next : next);
  }

  /** Sends progress, in whole percent, where it is another one; without a value there is none. */
  progress(value: TabProgress | undefined): void {
    if (!this.#family?.hasProgress) return;
    const percent = Math.floor(100 * Math.min(1, Math.max(0, value?.share ?? 0)));
    const next = value ? `\u001b]9;4;${progressStates[value.state]};${percent}\u001b\\` : '';
    if (next === this.#progress) return;
    this.#progress = next;
    this.#surroundings.write(next === '' ? noProgress : next);
  }

  /** Rings the bell, and where the terminal makes notifications shows one. */
  notify(text: string): void {
    // A semicolon would part the text.
    const said = printable(text, longestTitle).replaceAll(';', ',');
    const form = this.#family?.notifies;
    const shown = form === undefined ? '' : `\u001b]${form === 9 ? '9;' : '777;notify;deepview-tui;'}${said}\u001b\\`;
    this.#surroundings.write(`\u0007${shown}`);
  }

  /** What takes back all of it. */
  get undoing(): string {
    return (this.#progress === '' ? '' : noProgress) + (this.#title === '' ? '' : restoreTitle);
  }

  /** What shows all of it again. */
  get again(): string {
    return (this.#title === '' ? '' : saveTitle + this.#title) + this.#progress;
  }

  /** A multiplexer keeps progress and notifications to itself, or hands them to a window that shows something else. */
  #learn(name: string): void {
    const { env } = this.#surroundings;
    if (env['TMUX'] || env['STY']) return;
    this.#family = families.find((family) => family.name.test(name));
  }
}
