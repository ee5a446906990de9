import { execFile } from 'node:child_process';

const escape = '\u001b';

/** A sequence that tmux hands on to the terminal it runs in (`allow-passthrough`), instead of reading it itself. */
export const throughTmux = (sequence: string): string =>
  `${escape}Ptmux;${sequence.replaceAll(escape, escape + escape)}${escape}\\`;

/** Runs `tmux` with these arguments. @returns its output; undefined when it fails */
export type TmuxCommand = (args: readonly string[]) => Promise<string | undefined>;

/** tmux as it is installed; given up on after a second. */
export const runTmux: TmuxCommand = (args) =>
  new Promise((resolve) => {
    execFile('tmux', [...args], { timeout: 1000 }, (error, stdout) => resolve(error ? undefined : stdout.trim()));
  });

const targetOf = (pane: string | undefined): string[] => (pane ? ['-t', pane] : []);

/** What tmux says of a pane. @param pane $TMUX_PANE @param format as in tmux's manual, FORMATS */
const told = (tmux: TmuxCommand, pane: string | undefined, format: string): Promise<string | undefined> =>
  tmux(['display-message', '-p', ...targetOf(pane), format]);

/**
 * Whether what the terminal outside answers would come to our pane, not to another one as if it had been typed there.
 * Where tmux cannot be asked that is assumed.
 * @param pane $TMUX_PANE
 */
export async function isInFront(tmux: TmuxCommand, pane: string | undefined): Promise<boolean> {
  const question = '#{&&:#{pane_active},#{&&:#{window_active},#{session_attached}}}';
  return (await told(tmux, pane, question)) !== '0';
}

/** Whether tmux tells a program when its pane is shown or used again; where tmux cannot be asked that is assumed. */
export const tellsFocus = async (tmux: TmuxCommand): Promise<boolean> =>
  (await tmux(['show-options', '-gv', 'focus-events'])) !== 'off';

/** What tmux was told, and how to take it back. */
export interface Passthrough {
  isAllowed: boolean;
  undo: () => Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

/**
 * Lets our pane send sequences to the terminal outside. Where the user has allowed it already nothing changes.
 * @param pane $TMUX_PANE
 */
export async function allowPassthrough(tmux: TmuxCommand, pane: string | undefined): Promise<Passthrough> {
  const target = targetOf(pane);
  const before = await tmux(['show-options', '-pAv', ...target, 'allow-passthrough']);
  if (before === 'on' || before === 'all') return { isAllowed: true, undo: nothing };
  // `all` (tmux 3.4) also works while another window is shown.
  for (const value of ['all', 'on']) {
    if ((await tmux(['set-option', '-p', ...target, 'allow-passthrough', value])) === undefined) continue;
    return {
      isAllowed: true,
      undo: async () => {
        await tmux(['set-option', '-pu', ...target, 'allow-passthrough']);
      },
    };
  }
  // tmux before 3.3 passes everything on and has no such option.
  return { isAllowed: before === undefined, undo: nothing };
}

/** Name and version of the terminal that shows tmux's session, as it told tmux (XTVERSION); undefined where it did not. */
export async function outerName(tmux: TmuxCommand, pane: string | undefined): Promise<string | undefined> {
  return (await told(tmux, pane, '#{client_termtype}')) || undefined;
}

/** What tmux knows of the terminal that shows its session; both empty while none does, or in a tmux that does not know. */
export interface TmuxClient {
  /** Whether it has UTF-8: `1` or `0`. */
  clientUtf8: string;
  /** What it can do, `RGB` for colours of 24 bits among it, separated by commas; from tmux 3.2 on. */
  clientFeatures: string;
}

/** @returns nothing where tmux cannot be asked */
export async function clientOf(tmux: TmuxCommand, pane: string | undefined): Promise<TmuxClient | undefined> {
  const said = await told(tmux, pane, '#{client_utf8} #{client_termfeatures}');
  if (said === undefined) return undefined;
  const [clientUtf8 = '', clientFeatures = ''] = said.split(' ');
  return { clientUtf8, clientFeatures };
}
