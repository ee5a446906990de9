import type { TrainingCommand } from './messages.ts';

/** Whether something that came over a process border is a command; anything else is ignored. */
export function isTrainingCommand(value: unknown): value is TrainingCommand {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  switch (value.type) {
    case 'start':
      return 'request' in value && typeof value.request === 'object' && value.request !== null;
    case 'pause':
    case 'resume':
    case 'features':
      return true;
    case 'stop':
      return 'when' in value && (value.when === 'now' || value.when === 'after-epoch');
    default:
      return false;
  }
}
