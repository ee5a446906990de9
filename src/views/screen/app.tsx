import { useInput } from 'ink';
import { useSyncExternalStore, type ReactElement } from 'react';
import type { CalmState } from './calm.ts';
import type { Frame } from '../frame/frame.ts';
import { FrameView } from '../frame/frame-view.tsx';
import { keyNames } from './key-names.ts';
import { commandFor } from '../keys/table.ts';
import { placeOf, type ScreenState } from '../model/state.ts';
import type { Store } from './store.ts';

export interface AppProps {
  /** Where keys go. */
  store: Store;
  /** What is drawn: see `run-screen.ts` for who draws what changes quickly. */
  calm: CalmState;
  frameOf: (state: ScreenState) => Frame;
}

/** The screen: the state as a frame, and keys as commands. */
export function App({ store, calm, frameOf }: AppProps): ReactElement {
  const state = useSyncExternalStore(calm.subscribe, () => calm.state);
  useInput((input, key) => {
    for (const name of keyNames(input, key)) {
      const command = commandFor(name, placeOf(store.state));
      if (command) store.dispatch({ source: 'key', command });
    }
  });
  return <FrameView frame={frameOf(state)} theme={state.theme} />;
}
