import { expect, test } from 'vitest';
import { optimisationOptions, overridesOf } from '../../src/cli/optimisation-options.ts';
import type { Given } from '../../src/cli/specification.ts';
import { settingKinds } from '../../src/commands/config.ts';

const given: Given = {
  arguments: {},
  words: [],
  options: {},
  settings: { optimiser: 'adam', 'learning-rate': 0.01, 'clip-gradient': 0 },
  origins: [
    { name: 'optimiser', value: 'adam', from: 'DEEPVIEW_OPTIMISER' },
    { name: 'learning-rate', value: 0.01, from: '--learning-rate' },
    { name: 'clip-gradient', value: 0, from: '/home/somebody/config.json' },
  ],
  configFiles: [],
};

test('what is asked for comes from flags, variables and files', () => {
  expect(overridesOf(given, false)).toEqual({ optimiser: 'adam', learningRate: 0.01, clipGradient: 0 });
  expect(overridesOf({ ...given, settings: {}, origins: [] }, false)).toBeUndefined();
});

test('of a run that is gone on with only flags ask for anything, and are then refused', () => {
  expect(overridesOf(given, true)).toEqual({ learningRate: 0.01 });
});

test('every option is a setting of its own name', () => {
  for (const { name, setting } of optimisationOptions) {
    expect(setting).toBe(name);
    expect(settingKinds).toHaveProperty([name]);
  }
});
