import type { ArgumentSpecification, CommandSpecification, OptionSpecification } from './specification.ts';
import { lazily } from './specification.ts';

const run: ArgumentSpecification = {
  name: 'RUN',
  required: true,
  description: 'a path, an id, the beginning of an id, or `last`',
};

const yes: OptionSpecification = { name: 'yes', description: 'Do not ask.' };

/** Commands that read what was measured. */
export const runCommands: readonly CommandSpecification[] = [
  {
    path: ['open'],
    stopsItself: true,
    summary: 'Open a run in the screen; one that is still being trained is followed.',
    details: 'Without a terminal it prints the network view, as `show` does.',
    arguments: [run],
    run: lazily(
      async () => (await import('../commands/open.ts')).open,
      (given) => ({ run: given.arguments['RUN'] ?? '' }),
    ),
  },
  {
    path: ['watch'],
    stopsItself: true,
    summary: 'Watch a run that another process trains.',
    arguments: [run],
    run: lazily(
      async () => (await import('../commands/watch.ts')).watch,
      (given) => ({ run: given.arguments['RUN'] ?? '' }),
    ),
  },
  {
    path: ['runs', 'list'],
    isGroupDefault: true,
    summary: 'List the runs there are, newest first, with their states and sizes.',
    run: async (_given, context) => (await import('../commands/runs.ts')).runsList(context),
  },
  {
    path: ['runs', 'rm'],
    summary: 'Delete runs.',
    arguments: [{ ...run, many: true }],
    options: [yes],
    run: lazily(
      async () => (await import('../commands/runs.ts')).runsRemove,
      (given) => ({ runs: given.words, yes: given.options['yes'] === true }),
    ),
  },
  {
    path: ['runs', 'prune'],
    summary: 'Delete the runs without a finished epoch that nobody is writing.',
    options: [yes],
    run: lazily(
      async () => (await import('../commands/runs.ts')).runsPrune,
      (given) => ({ yes: given.options['yes'] === true }),
    ),
  },
  {
    path: ['runs', 'stop'],
    summary: 'Stop a training, wherever it was started; its epochs so far are kept.',
    arguments: [run],
    run: lazily(
      async () => (await import('../commands/runs.ts')).runsStop,
      (given) => ({ run: given.arguments['RUN'] ?? '' }),
    ),
  },
  {
    path: ['analyze'],
    summary: "Compute the paper's metrics of anybody's activations.",
    details:
      'FILE holds `activations` [N,H,W,C] or [N,C] (float16, float32 or float64) and `labels` [N] (whole numbers): .npz or ' +
      '.safetensors. An .npy file holds the activations alone.',
    arguments: [{ name: 'FILE', required: true, description: '.npy, .npz or .safetensors' }],
    options: [{ name: 'labels', value: 'FILE.npy', description: 'The labels, where FILE does not hold them.' }],
    run: lazily(
      async () => (await import('../commands/analyze.ts')).analyze,
      (given) => {
        const labels = given.options['labels'];
        return { file: given.arguments['FILE'] ?? '', ...(typeof labels === 'string' && { labels }) };
      },
    ),
  },
];
