import './polyfill.ts';
import { render, type Instance } from 'ink';
import { App, type AppProps } from './app.tsx';

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
