import './polyfill.ts';
import { render, type Instance } from 'ink';
import { App, type AppProps } from './app.tsx';

export interface InkStreams {
  stdout: NodeJS.WriteStream;
  stdin: NodeJS.ReadStream;
  /** After Ink has drawn a frame's text, in the same turn. */
  onRender: () => void;
  framesPerSecond: number;
}

/** Hands the screen to Ink. The only file that loads it: whoever wants to be quick imports this one when it can wait. */
export function mount(props: AppProps, { stdout, stdin, onRender, framesPerSecond }: InkStreams): Instance {
  return render(<App {...props} />, {
    stdout,
    stdin,
    onRender,
    maxFps: framesPerSecond,
    alternateScreen: true,
    incrementalRendering: true,
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
}
