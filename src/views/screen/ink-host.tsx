import './polyfill.ts';
import { render, type Instance } from 'ink';
import { App, type AppProps } from './app.tsx';

export interface InkStreams {
  stdout: NodeJS.WriteStream;
  stdin: NodeJS.ReadStream;
}

// Ink only follows what is on the screen already; see `run-screen.ts`.
const framesPerSecond = 15;

/** Hands the screen to Ink. The only file that loads it: whoever wants to be quick imports this one when it can wait. */
export function mount(props: AppProps, { stdout, stdin }: InkStreams): Instance {
  return render(<App {...props} />, {
    stdout,
    stdin,
    maxFps: framesPerSecond,
    alternateScreen: true,
    incrementalRendering: true,
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
}
