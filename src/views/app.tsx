import { useInput } from 'ink';
import { useInsertionEffect, useMemo, useSyncExternalStore, type ReactElement } from 'react';
import type { Frame } from './frame.ts';
import { FrameView } from './frame-view.tsx';
import { keyNames } from './key-names.ts';
import { commandFor } from './keys.ts';
import { placeOf } from './model/state.ts';
import type { Store } from './store.ts';
import { view } from './view.ts';

export interface AppProps {
  store: Store;
  /** Told of every frame when it is drawn: its overlays are to be painted, its targets can be clicked. */
  onFrame: (frame: Frame) => void;
}

/** The screen: the store's state as a frame, and keys as commands. */
export function App({ store, onFrame }: AppProps): ReactElement {
  const state = useSyncExternalStore(store.subscribe, () => store.state);
  const frame = useMemo(() => view(state), [state]);
  // Before Ink draws what was committed, so that text and overlays are sent as one update.
  useInsertionEffect(() => onFrame(frame), [frame, onFrame]);
  useInput((input, key) => {
    for (const name of keyNames(input, key)) {
      const command = commandFor(name, placeOf(store.state));
      if (command) store.dispatch({ source: 'key', command });
    }
  });
  return <FrameView frame={frame} theme={state.theme} />;
}
