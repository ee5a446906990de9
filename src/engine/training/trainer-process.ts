/**
 * The process that trains, apart from the screen: this main thread only supervises.
 * Started by trainers.ts with an IPC channel and one argument, a JSON object of `ProcessSettings`.
 */
import { EventChannel } from './event-channel.ts';
import { giveWay } from './give-way.ts';
import { isTrainingCommand } from './messages.ts';
import { superviseThread } from './training-thread.ts';

export interface ProcessSettings {
  /** Goes on when the process that started it ends. */
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
  if (settings.giveWay) giveWay();
  const channel = new EventChannel((event, sent) => {
    if (process.connected) process.send?.(event, undefined, undefined, sent);
    else sent(new Error('nothing listens'));
  });
  const supervisor = superviseThread({
    env: process.env,
    send: (event) => channel.send(event),
    log: (text) => process.stderr.write(text),
    logDescriptor: process.stderr.fd,
  });

  process.on('message', (message) => {
    if (isTrainingCommand(message)) supervisor.command(message);
  });
  process.on('disconnect', () => {
    channel.close();
    if (!settings.interactive) supervisor.stop();
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => supervisor.stop());
  // A lost connection must not end what was started from a screen; without one the parent decides. Nor is a debugger
  // started by a signal.
  for (const signal of ['SIGHUP', 'SIGUSR1'] as const) process.on(signal, () => undefined);
  // The log on a full disk, or as long as a file may be: what is lost are words, and training goes on.
  process.stderr.on('error', () => undefined);

  void supervisor.ended.then(async (state) => {
    // A reader that is itself stopped must not keep this process for ever.
    const timer = setTimeout(() => process.exit(), flushMilliseconds);
    process.exitCode = state === 'failed' || state === 'diverged' ? 1 : 0;
    await channel.drained();
    clearTimeout(timer);
    process.exit();
  });
}

main();
