import { render, type Instance } from 'ink';
import { createElement, type FunctionComponent } from 'react';
import type { TerminalSession } from '../../../src/imaging/terminal/terminal-session.ts';

/** Opens the terminal and shows a screen in it with Ink on the alternate screen. */
export function showScreen(session: TerminalSession, screen: FunctionComponent): Instance {
  session.open();
  const instance = render(createElement(screen), {
    stdin: session.stdin,
    stdout: session.stdout,
    alternateScreen: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  // As the real screen does: Ink leaves a frame out when it fills a window that just became smaller.
  process.stdout.prependListener('resize', () => instance.clear());
  return instance;
}
