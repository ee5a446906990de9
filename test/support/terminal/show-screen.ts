import { render, type Instance } from 'ink';
import { createElement, type FunctionComponent } from 'react';
import type { TerminalSession } from '../../../src/imaging/terminal-session.ts';

/** Opens the terminal and shows a screen in it with Ink on the alternate screen. */
export function showScreen(session: TerminalSession, screen: FunctionComponent): Instance {
  session.open();
  return render(createElement(screen), {
    stdin: session.stdin,
    stdout: session.stdout,
    alternateScreen: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
}
