/** The thread that trains: commands in, run events out. Its last event is a final state. */
import { parentPort } from 'node:worker_threads';
import { pathsFor } from '../base/paths.ts';
import type { RunEvent, TrainingCommand } from './messages.ts';
import { startSession, type Session } from './session.ts';

const port = parentPort;
if (!port) throw new Error('training-worker is the program of a worker thread');

let session: Session | undefined;
port.on('message', (command: TrainingCommand) => {
  if (command.type !== 'start') session?.control.handle(command);
  else {
    session ??= startSession(command.request, {
      paths: pathsFor(process.env),
      env: process.env,
      emit: (event: RunEvent) => port.postMessage(event),
    });
  }
});
