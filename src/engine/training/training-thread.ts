import { basename } from 'node:path';
import { spawn } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { harmless } from '../base/printable.ts';
import { programFile } from '../base/program-files.ts';
import { nativeSettings } from '../backend/threads.ts';
import { beforePreparing } from '../run/preparing.ts';
import { takeRequests } from '../run/requests.ts';
import { statusOf, writeStatus } from '../run/status.ts';
import type { RunEvent } from './messages.ts';
import { Supervisor, type Ended } from './supervisor.ts';

export interface ThreadSurroundings {
  env: NodeJS.ProcessEnv;
  send: (event: RunEvent) => void;
  /** Takes what only a reader of the log is interested in, the thread's own output included: text with line ends. */
  log: (text: string) => void;
  /** Of the log's file: what outlives the training prints there. */
  logDescriptor: number;
}

/** How long a user's command is waited for, in milliseconds; it goes on alone after that. */
const notifyMilliseconds = 10_000;

/** Runs a user's command in their shell. What it prints goes to the log, and what it fails at too. */
function runCommand(
  command: string,
  { state, directory, epoch, why }: Ended,
  { env, log, logDescriptor }: Omit<ThreadSurroundings, 'send'>,
): Promise<void> {
  const told = Object.entries({
    DEEPVIEW_STATE: state,
    DEEPVIEW_RUN: directory,
    DEEPVIEW_RUN_ID: directory && basename(directory),
    DEEPVIEW_EPOCH: epoch?.toString(),
    DEEPVIEW_WHY: why,
  }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      // No pipe: it would break under a command that prints once it goes on alone.
      ...{ shell: true, detached: true, stdio: ['ignore', logDescriptor, logDescriptor] },
      env: { ...env, ...(Object.fromEntries(told) as Record<string, string>) },
    });
    const timer = setTimeout(() => {
      // The log may be closed by the time that it ends.
      child.removeAllListeners('close').unref();
      resolve();
    }, notifyMilliseconds);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code !== 0) log(`--notify ended with ${signal ?? `code ${code}`}: ${command}\n`);
      resolve();
    });
  });
}

/** A training in a thread of this process, which begins with a `start` command. */
export function superviseThread({ env, send, log: write, logDescriptor }: ThreadSurroundings): Supervisor {
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
    notify: (command, ended) => runCommand(command, ended, { env, log, logDescriptor }),
    log: (line) => log(`${line}\n`),
  });
}
