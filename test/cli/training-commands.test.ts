import { expect, test } from 'vitest';
import { settingsOf } from '../../src/cli/training-commands.ts';
import { probeOptions, trainingOptions } from '../../src/cli/training-options.ts';
import type { Given } from '../../src/cli/specification.ts';
import { settingForms } from '../../src/commands/config.ts';
import { flagFor } from '../../src/engine/base/training-settings.ts';

const given: Given = {
  arguments: {},
  words: [],
  options: {},
  settings: { optimiser: 'adam', learningRate: 0.01, clipGradient: 'off', epochs: 4, features: 3, seed: 1 },
  origins: [
    { name: 'optimiser', value: 'adam', from: 'DEEPVIEW_OPTIMISER' },
    { name: 'learningRate', value: 0.01, from: '--learning-rate' },
    { name: 'clipGradient', value: 'off', from: '/home/somebody/config.json' },
    { name: 'epochs', value: 4, from: '/home/somebody/config.json' },
    { name: 'features', value: 3, from: 'DEEPVIEW_FEATURES' },
    { name: 'seed', value: 1, from: 'default' },
  ],
  configFiles: [],
  troubles: [],
};

test('what is asked for comes from flags, variables and files', () => {
  expect(settingsOf(given, 'train')).toEqual(given.settings);
  expect(settingsOf({ ...given, settings: {}, origins: [] }, 'train')).toEqual({});
});

test('of a run that is gone on with only flags ask for what it has of its own, and are then refused', () => {
  expect(settingsOf(given, 'resume')).toEqual({ learningRate: 0.01 });
  const origins = [{ name: 'epochs', value: 4, from: '--epochs' } as const];
  expect(settingsOf({ ...given, origins }, 'resume')).toEqual({ epochs: 4 });
});

test('of how a network learns nothing is asked for where it is only measured', () => {
  expect(settingsOf(given, 'probe')).toEqual({ features: 3, seed: 1 });
  const names = probeOptions.map(({ name }) => name);
  for (const name of ['epochs', 'resume', 'augment', 'optimiser', 'minimum-change']) expect(names).not.toContain(name);
  expect(names).toContain('batch');
});

test('every option of a setting is one of its own name', () => {
  for (const { name, setting } of trainingOptions) {
    if (setting === undefined) continue;
    expect(flagFor(setting)).toBe(`--${name}`);
    expect(settingForms).toHaveProperty([setting]);
  }
});
