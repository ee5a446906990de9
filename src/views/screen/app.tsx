import './polyfill.ts';
import { render, type Instance } from 'ink';
import { useCallback, useEffect, useLayoutEffect, useState, type ReactElement } from 'react';
import type { Exploration } from '../../engine/analysis/questions/client.ts';
import type { TerminalEvent } from '../../imaging/terminal/stdin-filter.ts';
import type { TerminalSession } from '../../imaging/terminal/terminal-session.ts';
import { commandAt } from '../frame/frame.ts';
import type { Canvas } from './canvas.ts';
import { Clicks } from './clicks.tsx';
import {
  press,
  useExploration,
  useInkState,
  useKeys,
  usePlayback,
  useTerminalEvents,
  useTerminalSize,
  wheelCommand,
} from './hooks.ts';
import { letterNames } from './key-names.ts';
import { Screen } from './screen.tsx';
import type { Store } from './store.ts';

export interface AppProps {
  store: Store;
  session: TerminalSession;
  /** The terminal itself. */
  terminal: NodeJS.WriteStream;
  canvas: Canvas;
  /** Starts answering questions about the run in a directory. */
  explore: (directory: string) => Exploration;
}

/** The program on the terminal: what is on its screen, and what comes from its keys, mouse and window. */
export function App({ store, session, terminal, canvas, explore }: AppProps): ReactElement {
  const state = useInkState(store);
  const [clicks] = useState(() => new Clicks());
  const onEvent = useCallback(
    (event: TerminalEvent) => {
      if (event.type === 'focus' && event.isFocused) session.focused();
      if (event.type === 'escape') press(store, ['escape']);
      if (event.type === 'no-escape') store.takeBack();
      if (event.type === 'paste') store.dispatch({ source: 'paste', text: event.text });
      if (event.type === 'letter') press(store, letterNames(event));
      if (event.type !== 'mouse') return;
      const isModal = store.state.dialog !== undefined;
      const { row, column } = event;
      const clicked = (): ReturnType<typeof wheelCommand> =>
        clicks.commandAt(row, column, isModal) ??
        (canvas.frame && !isModal ? commandAt(canvas.frame, row, column) : undefined);
      const isClick = event.action === 'press' && event.button === 'left';
      const command = isClick ? clicked() : wheelCommand(event);
      if (command) store.dispatch({ source: 'key', command });
    },
    [canvas, clicks, session, store],
  );
  useKeys(store);
  useTerminalEvents(session.input, onEvent);
  useTerminalSize(terminal, session.painter, store);
  usePlayback(store);
  useExploration(store, explore);
  useEffect(() => canvas.follow(), [canvas]);
  // With what Ink has just drawn: where there is no dialog any more, the canvas must not come later.
  useLayoutEffect(() => canvas.paint());
  return <Screen state={state} clicks={clicks} onCover={canvas.cover} />;
}

// A dialog shows what is typed at once; Ink draws nothing while nothing of its own changes.
const framesPerSecond = 60;

/** Hands the screen to Ink. Imported late, and Ink with it: the first frame does not wait for them. */
export function mount(props: AppProps): Instance {
  const { stdin, stdout } = props.session;
  const instance = render(<App {...props} />, {
    stdout,
    stdin,
    maxFps: framesPerSecond,
    alternateScreen: true,
    incrementalRendering: true,
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  // Ink leaves a frame out when it fills a window that just became smaller.
  stdout.prependListener('resize', () => instance.clear());
  return instance;
}
