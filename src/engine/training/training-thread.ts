import { Worker } from 'node:worker_threads';
import { harmless } from '../base/printable.ts';
import { programFile } from '../base/program-files.ts';
import { nativeSettings } from '../backend/threads.ts';
import { beforePreparing } from '../run/preparing.ts';
import { takeRequests } from '../run/requests.ts';
import { statusOf, writeStatus } from '../run/status.ts';
import type { RunEvent } from './messages.ts';
import { Supervisor } from './supervisor.ts';

export interface ThreadSurroundings {
  env: NodeJS.ProcessEnv;
  send: (event: RunEvent) => void;
  /** Takes what only a reader of the log is interested in, the thread's own output included: text with line ends. */
  log: (text: string) => void;
}

/** A training in a thread of this process, which begins with a `start` command. */
export function superviseThread({ env, send, log: write }: ThreadSurroundings): Supervisor {
  // It will be read in a terminal.
  const log = (text: string): void => write(text.split('\n').map(harmless).join('\n'));
  return new Supervisor({
    startThread: (listeners, { deterministic }) => {
      const settings = nativeSettings(env, deterministic);
      // The native library reads the process's environment, not the thread's.
      Object.assign(process.env, settings);
      const worker = new Worker(programFile('training-worker'), {
        env: { ...env, ...settings },
        stdout: true,
        stderr: true,
      });
      for (const output of [worker.stdout, worker.stderr]) output.setEncoding('utf8').on('data', log);
      worker.on('message', (event: RunEvent) => listeners.onEvent(event));
      worker.on('error', (error) => listeners.onError(error));
      worker.on('exit', (code) => listeners.onExit(code));
      return {
        post: (command) => worker.postMessage(command),
        terminate: () => worker.terminate(),
      };
    },
    send,
    before: beforePreparing,
    asked: takeRequests,
    record: (directory, state, extra) => writeStatus(directory, statusOf(state, extra)),
    every: (milliseconds, task) => {
      const timer = setInterval(task, milliseconds);
      return () => clearInterval(timer);
    },
    log: (line) => log(`${line}\n`),
  });
}
