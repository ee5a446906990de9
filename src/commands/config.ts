import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { augmentationText, parseAugmentation } from '../engine/base/augmentation.ts';
import { DeepviewError, exitCodes, systemCode } from '../engine/base/errors.ts';
import { printable } from '../engine/base/printable.ts';
import { preparations, type Preparation } from '../engine/base/preparations.ts';
import { nearest } from '../engine/base/nearest.ts';
import { numberLimits, optimiserNames, type OptimiserName } from '../engine/training/overrides.ts';
import { imageChoices, type ImageChoice } from '../imaging/pictures/protocol.ts';

/** Every setting that flags, environment and configuration files may give. */
export interface Settings {
  network: string;
  data: string;
  epochs: number;
  batch: number;
  limit: number;
  seed: number;
  engine: 'auto' | 'tensorflow' | 'wasm';
  probe: number;
  /** 0 is `off`. */
  features: number;
  preparation: Preparation;
  optimiser: OptimiserName;
  learningRate: number;
  momentum: number;
  weightDecay: number;
  /** 0 is `off`. */
  clipGradient: number;
  /** 0 is `off`. */
  earlyStopping: number;
  minimumChange: number;
  /** As `parseAugmentation` reads it. */
  augment: string;
  imageSize: number;
  fit: 'crop' | 'stretch';
  /** Share of each class, 0..1. */
  validation: number;
  color: 'auto' | 'truecolour' | '256' | '16' | 'none';
  ascii: boolean;
  mouse: boolean;
  images: ImageChoice;
}

export type SettingName = keyof Settings;

export type SettingKind =
  | { type: 'text' }
  | { type: 'integer'; minimum: number; maximum: number; words?: Readonly<Record<string, number>> }
  | { type: 'number'; minimum: number; maximum: number; words?: Readonly<Record<string, number>> }
  | { type: 'share' }
  | { type: 'choice'; choices: readonly string[]; synonyms?: Readonly<Record<string, string>> }
  | { type: 'switch' }
  | { type: 'augmentation' };

/** What each setting may be; the only such table: flags, variables and files are all checked against it. */
export const settingKinds: Readonly<Record<SettingName, SettingKind>> = {
  network: { type: 'text' },
  data: { type: 'text' },
  epochs: { type: 'integer', minimum: 1, maximum: 1_000_000 },
  batch: { type: 'integer', minimum: 1, maximum: 10_000 },
  limit: { type: 'integer', minimum: 1, maximum: 100_000_000 },
  seed: { type: 'integer', minimum: 0, maximum: 2 ** 32 - 1 },
  engine: { type: 'choice', choices: ['auto', 'tensorflow', 'wasm'] },
  probe: { type: 'integer', minimum: 10, maximum: 10_000 },
  preparation: { type: 'choice', choices: preparations },
  features: { type: 'integer', minimum: 1, maximum: 1_000_000, words: { off: 0 } },
  optimiser: { type: 'choice', choices: optimiserNames },
  learningRate: { type: 'number', ...numberLimits.learningRate },
  momentum: { type: 'number', ...numberLimits.momentum },
  weightDecay: { type: 'number', ...numberLimits.weightDecay },
  clipGradient: { type: 'number', ...numberLimits.clipGradient, words: { off: 0 } },
  earlyStopping: { type: 'integer', minimum: 1, maximum: 1_000_000, words: { off: 0 } },
  minimumChange: { type: 'number', ...numberLimits.minimumChange },
  augment: { type: 'augmentation' },
  imageSize: { type: 'integer', minimum: 8, maximum: 224 },
  fit: { type: 'choice', choices: ['crop', 'stretch'] },
  validation: { type: 'share' },
  color: {
    type: 'choice',
    choices: ['auto', 'truecolour', '256', '16', 'none'],
    synonyms: { truecolor: 'truecolour', always: 'truecolour', never: 'none' },
  },
  ascii: { type: 'switch' },
  mouse: { type: 'switch' },
  images: { type: 'choice', choices: imageChoices },
};

/** What holds where nobody says otherwise. Absent ones depend on the network, the data or the engine. */
export const settingDefaults: Partial<Settings> = {
  network: 'lenet',
  data: 'cifar10',
  seed: 1,
  engine: 'auto',
  color: 'auto',
  ascii: false,
  mouse: true,
  images: 'auto',
};

const names = Object.keys(settingKinds) as SettingName[];

/** A value with its source: `--epochs`, `DEEPVIEW_EPOCHS`, a file's path, or `default`. */
export interface Applied {
  name: SettingName;
  value: string | number | boolean;
  from: string;
}

/** All settings that have a value, and where each came from. */
export interface AppliedSettings {
  values: Partial<Settings>;
  origins: Applied[];
  /** Configuration files that were read. */
  files: string[];
}

const describe = (kind: SettingKind): string => {
  if (kind.type === 'integer' || kind.type === 'number') {
    const words = Object.keys(kind.words ?? {}).map((word) => ` or ${word}`);
    return `a ${kind.type === 'integer' ? 'whole number' : 'number'} from ${kind.minimum} to ${kind.maximum}${words.join('')}`;
  }
  if (kind.type === 'choice') return `one of ${kind.choices.join(', ')}`;
  if (kind.type === 'augmentation') return 'a text such as mirror,shift=4 or none';
  if (kind.type === 'share') return 'a number above 0 and below 1';
  return kind.type === 'switch' ? 'true or false' : 'a text that is not empty';
};

/**
 * Checks one value, given as text (flags, variables) or as JSON (files).
 * @param where what a person must mend: `--epochs`, `DEEPVIEW_EPOCHS`, `key "epochs" of /path/config.json`
 * @throws DeepviewError `bad-option`, exit code 2
 */
export function parseSetting(name: SettingName, given: unknown, where: string): string | number | boolean {
  const kind = settingKinds[name];
  const refuse = (): never => {
    const shown = typeof given === 'string' ? given : (JSON.stringify(given) ?? String(given));
    throw new DeepviewError('bad-option', `${where} is "${printable(shown, 60)}"; it must be ${describe(kind)}.`, {
      hint:
        kind.type === 'choice' && typeof given === 'string' && nearest(given, kind.choices)
          ? `Did you mean ${nearest(given, kind.choices)}?`
          : undefined,
      exitCode: exitCodes.usage,
    });
  };
  switch (kind.type) {
    case 'integer':
    case 'number': {
      const { words } = kind;
      if (words && typeof given === 'string' && Object.hasOwn(words, given)) return words[given];
      const form = kind.type === 'integer' ? /^\d+$/ : /^\d*\.?\d+(e[+-]?\d+)?$/i;
      const number = typeof given === 'number' ? given : typeof given === 'string' && form.test(given) ? +given : NaN;
      return (kind.type === 'number' || Number.isInteger(number)) && number >= kind.minimum && number <= kind.maximum
        ? number
        : refuse();
    }
    case 'share': {
      const share = typeof given === 'string' && /^[0-9.]+$/.test(given) ? Number(given) : given;
      return typeof share === 'number' && share > 0 && share < 1 ? share : refuse();
    }
    case 'choice': {
      if (typeof given !== 'string' && typeof given !== 'number') return refuse();
      const text = kind.synonyms?.[given] ?? String(given);
      return kind.choices.includes(text) ? text : refuse();
    }
    case 'switch': {
      if (typeof given === 'boolean') return given;
      if (given === '1' || given === 'true' || given === 'yes') return true;
      if (given === '0' || given === 'false' || given === 'no') return false;
      return refuse();
    }
    case 'augmentation':
      return typeof given === 'string' ? augmentationText(parseAugmentation(given, where)) : refuse();
    case 'text':
      return typeof given === 'string' && given.trim() !== '' ? given : refuse();
  }
}

/** The configuration files, weakest first: the user's, then the project's. */
export function configFiles(userFile: string, cwd: string): string[] {
  return [userFile, projectFile(cwd)];
}

/** `deepview-tui.config.json` in the working directory. */
const projectFile = (cwd: string): string => join(cwd, 'deepview-tui.config.json');

const unreadable = (file: string, why: string, cause?: unknown): DeepviewError =>
  new DeepviewError('bad-config', `The configuration file ${printable(file)} ${why}`, {
    hint: `Mend it or remove it; the keys are ${names.join(', ')}.`,
    exitCode: exitCodes.usage,
    cause,
  });

async function readConfigFile(file: string): Promise<Record<string, unknown> | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(file, `cannot be read (${code ?? 'unknown error'}).`, thrown);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (thrown) {
    const why = thrown instanceof Error ? printable(thrown.message, 120) : 'syntax error';
    throw unreadable(file, `is not JSON: ${why}.`, thrown);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw unreadable(file, 'must hold one JSON object.');
  }
  return parsed as Record<string, unknown>;
}

/** `imageSize` -> `DEEPVIEW_IMAGE_SIZE` */
export const variableFor = (name: SettingName): string =>
  `DEEPVIEW_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/** `imageSize` -> `--image-size` */
export const flagFor = (name: SettingName): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * Puts the settings together: flags over `DEEPVIEW_*` variables over the project's file over the user's file over
 * the defaults. NO_COLOR (any text) means `color: none` unless a flag or DEEPVIEW_COLOR says otherwise.
 * @throws DeepviewError `bad-option` or `bad-config`, naming the flag, the variable, or file and key; exit code 2
 */
export async function resolveSettings(source: {
  flags: Partial<Record<SettingName, unknown>>;
  env: NodeJS.ProcessEnv;
  userFile: string;
  cwd: string;
}): Promise<AppliedSettings> {
  const applied = new Map<SettingName, Applied>();
  const put = (name: SettingName, given: unknown, where: string, from: string): void => {
    applied.set(name, { name, value: parseSetting(name, given, where), from });
  };
  for (const [name, value] of Object.entries(settingDefaults)) {
    applied.set(name as SettingName, { name: name as SettingName, value, from: 'default' });
  }
  const files: string[] = [];
  for (const file of configFiles(source.userFile, source.cwd)) {
    const content = await readConfigFile(file);
    if (!content) continue;
    files.push(file);
    for (const [key, value] of Object.entries(content)) {
      if (!(names as string[]).includes(key)) {
        const near = nearest(key, names);
        throw unreadable(file, `has an unknown key "${printable(key, 60)}"${near ? `; did you mean "${near}"?` : '.'}`);
      }
      put(key as SettingName, value, `Key "${key}" of ${printable(file)}`, file);
    }
  }
  if (source.env['NO_COLOR']) applied.set('color', { name: 'color', value: 'none', from: 'NO_COLOR' });
  for (const name of names) {
    const variable = variableFor(name);
    const value = source.env[variable];
    if (value !== undefined && value !== '') put(name, value, variable, variable);
    const flag = source.flags[name];
    if (flag !== undefined) put(name, flag, name === 'network' ? 'NETWORK' : flagFor(name), flagFor(name));
  }
  const origins = names.flatMap((name) => applied.get(name) ?? []);
  // Each value was checked against the table above, or comes from the typed defaults.
  const values = Object.fromEntries(origins.map((entry) => [entry.name, entry.value])) as Partial<Settings>;
  return { values, origins, files };
}
