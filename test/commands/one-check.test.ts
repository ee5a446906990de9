import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveSettings, type SettingName } from '../../src/commands/config.ts';
import { describe as words, fromText, type Form } from '../../src/engine/base/schema/index.ts';
import {
  checkSettings,
  flagFor,
  trainingOptions,
  trainingSettings,
  trainingSettingNames,
  type TrainingSetting,
  type TrainingSettingName,
} from '../../src/engine/base/training-settings.ts';
import { readNetworkFile } from '../../src/engine/network/file/index.ts';
import { parseHeader } from '../../src/engine/run/header.ts';
import { headerOf } from '../engine/run/sample-run.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'deepview-one-check-'))));
afterAll(() => rm(folder, { recursive: true }));

type Place = (name: string, value: unknown) => Promise<unknown>;

const settings = (flags: object, env: NodeJS.ProcessEnv): Promise<unknown> =>
  resolveSettings({ flags, env, userFile: join(folder, 'none.json'), cwd: folder });

/** Where a setting that is an option may stand. */
const optionPlaces: Record<string, Place> = {
  'the command line': (name, value) => settings({ [name]: String(value) }, {}),
  'a variable': (name, value) =>
    settings({}, { [`DEEPVIEW_${flagFor(name).slice(2).replaceAll('-', '_').toUpperCase()}`]: String(value) }),
  'a settings file': async (name, value) => {
    const file = join(folder, 'deepview-tui.config.json');
    await writeFile(file, JSON.stringify({ [name]: value }));
    try {
      return await settings({}, {});
    } finally {
      await rm(file);
    }
  },
  'a request': (name, value) => Promise.resolve().then(() => checkSettings({ [name]: value })),
};

const networkFile: Place = async (name, value) => {
  const layers = [{ kind: 'dense', units: 'classes' }];
  await writeFile(join(folder, 'net.json'), JSON.stringify({ layers, training: { [name]: value } }));
  return readNetworkFile('net.json', { cwd: folder, allowModule: false });
};

const run: Place = (name, value) => {
  const header = headerOf();
  const text = JSON.stringify({ ...header, training: { ...header.training, [name]: value } });
  return Promise.resolve().then(() => parseHeader(text, 'run.json', 'id'));
};

/** What is said of a value, from "must be" or "is" on. */
async function sentence(place: Place, name: string, value: unknown): Promise<string> {
  const thrown: unknown = await place(name, value).then(
    () => new Error(`${name} = ${JSON.stringify(value)} was let through`),
    (error: unknown) => error,
  );
  return (thrown as Error).message.replace(/^.*?(?=must be |was let through)/, '').replace(/\.$/, '');
}

type NumberForm = Extract<Form, { form: 'number' }>;

/** The numbers that a form may be, by themselves or instead of a word. */
function numberIn(form: Form): NumberForm | undefined {
  if (form.form === 'number') return form;
  return form.form === 'either' ? form.of.map(numberIn).find(Boolean) : undefined;
}

/** Just past either end. */
const outside = ({ minimum, maximum, above, below, whole }: NumberForm): number[] => [
  above ? minimum : minimum - (whole ? 1 : 0.5),
  below ? maximum : maximum + (whole ? 1 : maximum / 2),
];

const numbers = trainingSettingNames.flatMap((name) => {
  const form = numberIn(trainingOptions[name].form);
  return form ? [[name, form] as const] : [];
});

describe('each bound of a setting is refused by one sentence', () => {
  it('and there are bounds to try', () => expect(numbers.map(([name]) => name)).toContain('weightDecay'));

  it.each(numbers)('%s', async (name, form) => {
    const setting: TrainingSetting = trainingSettings[name];
    for (const value of outside(form)) {
      // A minus is no digit: the command line shows it as the text that it is.
      const must = `must be ${words(trainingOptions[name].form)}; it is `;
      for (const [place, check] of Object.entries(optionPlaces)) {
        const asText = place === 'the command line' || place === 'a variable';
        const given = asText ? fromText(form, String(value)) : value;
        expect(await sentence(check, name, value), place).toBe(`${must}${JSON.stringify(given)}`);
      }
      if (setting.inNetwork && numberIn(setting.inNetwork.is)) {
        expect(await sentence(networkFile, name, value)).toContain(words(form));
      }
      // In a run 0 is what it says where it does not know.
      if (setting.inRun && numberIn(setting.inRun.is) && value !== 0) {
        const its = await sentence(run, name, value);
        expect(its).toContain(`it is ${value}`);
        expect(its.replace('from 0', `from ${form.minimum}`)).toContain(words(form));
      }
    }
  });

  const choices = trainingSettingNames.filter((name) => trainingOptions[name].form.form === 'choice');
  it.each(choices)('%s', async (name: TrainingSettingName) => {
    const setting: TrainingSetting = trainingSettings[name];
    for (const check of [...Object.values(optionPlaces), ...(setting.inRun?.is.form === 'choice' ? [run] : [])]) {
      expect(await sentence(check, name, 'magic')).toBe(`must be ${words(trainingOptions[name].form)}; it is "magic"`);
    }
  });
});

it('what is inside optimisers, schedules, early stopping and augmentations has the same bounds as its option', async () => {
  const places = [
    ['momentum', 1, (value: number) => ({ optimiser: { kind: 'sgd', momentum: value } })],
    ['minimumChange', 2e12, (value: number) => ({ earlyStopping: { patience: 1, minimumChange: value } })],
    ['earlyStopping', 0, (value: number) => ({ earlyStopping: { patience: value } })],
    ['learningRate', 2e6, (value: number) => ({ learningRate: [value] })],
  ] as const;
  for (const [name, value, training] of places) {
    const [[field, its]] = Object.entries(training(value));
    const { maximum } = numberIn(trainingOptions[name as SettingName & TrainingSettingName].form)!;
    const bound = value > 0 ? (name === 'momentum' ? 'below 1' : `to ${maximum}`) : 'from 1';
    for (const place of [networkFile, run]) {
      expect(await sentence(place, field, its)).toMatch(new RegExp(`must be .*${bound}.*; it is ${value}`));
    }
  }
  for (const [augmentation, why] of [
    [{ shift: 1001 }, 'must be a whole number from 0 to 1000; it is 1001'],
    [{ crop: 0.001 }, 'must be a number from 0.01 to 1; it is 0.001'],
    [{ colour: 2 }, 'must be a number from 0 to 1; it is 2'],
  ] as const) {
    const [[name, value]] = Object.entries(augmentation);
    expect(await sentence(networkFile, 'augmentation', augmentation)).toBe(why);
    expect(await sentence(run, 'augmentation', augmentation)).toBe(why);
    for (const place of Object.values(optionPlaces)) {
      expect(await sentence(place, 'augment', `${name}=${value}`)).toBe(why);
    }
  }
});
