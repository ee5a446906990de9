/**
 * The process that trains, apart from the screen: this main thread only supervises.
 * Started by trainer-client.ts with an IPC channel and one argument, a JSON object of `ProcessSettings`.
 */
import { Worker } from 'node:worker_threads';
import { statusOf, writeStatus } from '../run/status.ts';
import { programFile } from '../base/program-files.ts';
import { EventChannel } from './event-channel.ts';
import { giveWay } from './give-way.ts';
import type { RunEvent, TrainingCommand } from './messages.ts';
import { Supervisor } from './supervisor.ts';
import { isTrainingCommand } from './command-shape.ts';

export interface ProcessSettings {
  /** Goes on when whoever started it goes away. */
  interactive: boolean;
  /** Lowers its priority first. */
  giveWay: boolean;
}

const flushMilliseconds = 10_000;

function main(): void {
  if (!process.send) {
    process.stderr.write('This program is started by `deepview-tui train`.\n');
    process.exitCode = 2;
    return;
  }
  const settings = JSON.parse(process.argv[2] ?? '{}') as ProcessSettings;
  const { interactive } = settings;
  if (settings.giveWay) giveWay();
  const channel = new EventChannel((event, sent) => {
    if (process.connected) process.send?.(event, undefined, undefined, sent);
    else sent(new Error('nobody listens'));
  });

  const supervisor = new Supervisor({
    startThread: (listeners) => {
      const worker = new Worker(programFile('training-worker'));
      worker.on('message', (event: RunEvent) => listeners.onEvent(event));
      worker.on('error', (error) => listeners.onError(error));
      worker.on('exit', (code) => listeners.onExit(code));
      return {
        post: (command) => worker.postMessage(command),
        terminate: () => worker.terminate(),
      };
    },
    send: (event) => channel.send(event),
    record: (directory, state, extra) => writeStatus(directory, statusOf(state, extra)),
    every: (milliseconds, task) => {
      const timer = setInterval(task, milliseconds);
      return () => clearInterval(timer);
    },
    log: (line) => process.stderr.write(`${line}\n`),
  });

  process.on('message', (message) => {
    if (isTrainingCommand(message)) supervisor.command(message satisfies TrainingCommand);
  });
  process.on('disconnect', () => {
    channel.close();
    if (!interactive) supervisor.stop();
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => supervisor.stop());
  // A lost connection must not end what was started from a screen; without one the parent decides.
  process.on('SIGHUP', () => undefined);

  void supervisor.ended.then(async (state) => {
    // A reader that is itself stopped must not keep this process for ever.
    const timer = setTimeout(() => process.exit(), flushMilliseconds);
    process.exitCode = state === 'failed' ? 1 : 0;
    await channel.drained();
    clearTimeout(timer);
    process.exit();
  });
}

main();
