import { useInput } from 'ink';
import { useEffect, useLayoutEffect, useState, useSyncExternalStore } from 'react';
import type { Exploration } from '../../engine/analysis/questions/client.ts';
import type { OverlayPainter } from '../../imaging/terminal/painter.ts';
import type { StdinFilter, TerminalEvent } from '../../imaging/terminal/stdin-filter.ts';
import { commandFor, type Command } from '../keys/table.ts';
import { isCut } from '../network/status.ts';
import { takesText } from '../dialogs/keys.ts';
import { placeOf, screenOf, type ScreenState } from '../model/state.ts';
import { Explorer } from './explorer.ts';
import { alternatives, isPasted, keyNames } from './key-names.ts';
import type { Store } from './store.ts';

const isInks = (state: ScreenState): boolean => state.dialog !== undefined || screenOf(state) === 'home';

/** The state as far as Ink shows it: what changes the canvas alone draws nothing anew here. */
export function useInkState(store: Store): ScreenState {
  const [shownState] = useState(() => {
    let shown = store.state;
    return () => {
      const { state } = store;
      const isSame = state.size === shown.size && state.theme === shown.theme;
      if (isInks(state) || isInks(shown) || !isSame) shown = state;
      return shown;
    };
  });
  return useSyncExternalStore(store.subscribe, shownState);
}

/** Keys become commands. */
export function useKeys(store: Store): void {
  useInput((input, key) => {
    const { state } = store;
    const commandOf = (character: string): string | undefined =>
      keyNames(character, key).map((name) => commandFor(name, placeOf(state))?.id)[0];
    if (!takesText(state) && isPasted(input, commandOf)) store.dispatch({ source: 'paste', text: input });
    else for (const name of keyNames(input, key)) press(store, alternatives(name));
  });
}

/** What a key asks for. @param names of the key, of which the first that means something here counts */
export function press(store: Store, names: readonly [string, ...string[]]): void {
  const { state } = store;
  const isToBeRead = names[0] === 'return' && state.dialog === undefined && isCut(state, state.size.columns);
  const commands = names.map((name) => commandFor(name, placeOf(state)));
  const command = isToBeRead ? ({ id: 'read' } as const) : commands.find((found) => found !== undefined);
  const action = command ? ({ source: 'key', command } as const) : ({ source: 'unknown-key', key: names[0] } as const);
  store.dispatch(action, names[0] === 'escape');
}

/** What the terminal sends besides keys goes to `listener`. */
export function useTerminalEvents(input: StdinFilter, listener: (event: TerminalEvent) => void): void {
  useEffect(() => input.onEvent(listener), [input, listener]);
}

/** The command of a turn of the mouse's wheel; nothing for other events. */
export function wheelCommand(event: Extract<TerminalEvent, { type: 'mouse' }>): Command | undefined {
  if (event.action !== 'wheel-up' && event.action !== 'wheel-down') return undefined;
  const isBack = event.action === 'wheel-up';
  const direction = event.shift ? (isBack ? 'left' : 'right') : isBack ? 'up' : 'down';
  return { id: 'wheel', direction };
}

/** The terminal's size, of which the painter hears first, becomes the state's. */
export function useTerminalSize(stdout: NodeJS.WriteStream, painter: OverlayPainter, store: Store): void {
  useLayoutEffect(() => {
    const follow = (): void => store.dispatch({ source: 'resize', size: painter.size });
    // It may have changed while Ink was being loaded.
    const { size } = store.state;
    if (size.columns !== painter.size.columns || size.rows !== painter.size.rows) follow();
    stdout.on('resize', follow);
    return () => {
      stdout.off('resize', follow);
    };
  }, [stdout, painter, store]);
}

/** Asks for what the screen needs to know of layers and neurons. */
export function useExploration(store: Store, explore: (directory: string) => Exploration): void {
  useEffect(() => {
    const explorer = new Explorer(store, explore);
    return () => void explorer.close();
  }, [store, explore]);
}

/** Moves the playback on: a tick an epoch. Without one there is no timer, and nothing is drawn. */
export function usePlayback(store: Store): void {
  const rate = useSyncExternalStore(store.subscribe, () => (store.state.playback ? store.state.playbackRate : 0));
  useEffect(() => {
    if (rate === 0) return undefined;
    const timer = setInterval(() => store.dispatch({ source: 'playback' }), 1000 / rate);
    return () => clearInterval(timer);
  }, [store, rate]);
}
