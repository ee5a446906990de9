import type { CommandSpecification } from './specification.ts';
import { lazily } from './specification.ts';

/** Commands that read what was measured. */
export const runCommands: readonly CommandSpecification[] = [
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
