import type { MessagePort } from 'node:worker_threads';
import type { ExplorationMessage, ExplorationSettings } from '../messages.ts';
import { Explorer } from './explore.ts';

/** Answers questions about the run in a directory. */
export function serveExploration(port: MessagePort, { explore, paths }: ExplorationSettings): void {
  const explorer = new Explorer(explore, paths, (answer) => port.postMessage(answer));
  port.on('message', (message: ExplorationMessage) => {
    if (message.type === 'cancel') explorer.cancel(message.about);
    else void explorer.ask(message.request);
  });
}
