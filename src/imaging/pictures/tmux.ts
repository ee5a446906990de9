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

/** What tmux was told, and how to take it back. */
export interface Passthrough {
  isAllowed: boolean;
  undo: () => Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

/**
 * Lets our pane send sequences to the terminal outside. Where a person has allowed it already nothing changes.
 * @param pane $TMUX_PANE
 */
export async function allowPassthrough(tmux: TmuxCommand, pane: string | undefined): Promise<Passthrough> {
  const target = pane ? ['-t', pane] : [];
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
  const target = pane ? ['-t', pane] : [];
  return (await tmux(['display-message', '-p', ...target, '#{client_termtype}'])) || undefined;
}
