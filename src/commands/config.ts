import { join } from 'node:path';
import { DeepviewError, exitCodes, systemCode } from '../engine/base/errors.ts';
import { printable } from '../engine/base/printable.ts';
import { readText, reasonOf } from '../engine/base/files.ts';
import { limits } from '../engine/base/limits.ts';
import { nearest } from '../engine/base/nearest.ts';
import { checkOption, choice, filledText, flag, fromText, type Form, type Value } from '../engine/base/schema/index.ts';
import {
  flagFor,
  trainingOptions,
  trainingSettingNames,
  type TrainingSettings,
} from '../engine/base/training-settings.ts';
import { colourMapNames } from '../imaging/colour/colour-maps.ts';
import { imageChoices } from '../imaging/pictures/protocol.ts';
import { asciiChoices } from '../imaging/terminal/characters.ts';
import { announceChoices } from '../imaging/terminal/tab.ts';
import { themeChoices } from '../views/theme/theme.ts';
import type { ScreenChoices } from '../views/screen/run-screen.ts';

/** Settings of the screen. */
export const screenForms = {
  color: choice(['auto', 'truecolour', '256', '16', 'none'], {
    ...{ truecolor: 'truecolour', always: 'truecolour', never: 'none' },
    // As a number of a settings file.
    ...{ 256: '256', 16: '16' },
  }),
  // Before there was `auto` it was true or false.
  ascii: choice(asciiChoices, { true: 'on', yes: 'on', 1: 'on', false: 'off', no: 'off', 0: 'off' }),
  mouse: flag,
  images: choice(imageChoices),
  announce: choice(announceChoices),
  theme: choice(themeChoices),
  colourMap: choice(colourMapNames),
};

/** Every setting that flags, environment and configuration files may give. */
export type Settings = Required<TrainingSettings> & {
  network: string;
} & { [Name in keyof typeof screenForms]: Value<(typeof screenForms)[Name]> };

export type SettingName = keyof Settings;

/** What each setting may be. */
export const settingForms = {
  network: filledText,
  ...(Object.fromEntries(trainingSettingNames.map((name) => [name, trainingOptions[name].form])) as Record<
    keyof TrainingSettings,
    Form
  >),
  ...screenForms,
} satisfies Record<SettingName, Form>;

const screenDefaults: Pick<Settings, keyof typeof screenForms> = {
  color: 'auto',
  ascii: 'auto',
  mouse: true,
  images: 'auto',
  announce: 'auto',
  theme: 'auto',
  colourMap: 'viridis',
};

/** What holds where nothing else is said. Absent ones depend on the network, the data or the engine. */
export const settingDefaults: Partial<Settings> = {
  network: 'lenet',
  ...(Object.fromEntries(
    trainingSettingNames.flatMap((name) => {
      const { otherwise } = trainingOptions[name];
      return otherwise === undefined ? [] : [[name, otherwise]];
    }),
  ) as Partial<TrainingSettings>),
  ...screenDefaults,
};

/** What the settings say about the screen. */
export function screenChoices(settings: Partial<Settings>): ScreenChoices {
  const { color: colour, ascii, mouse, images, announce, theme, colourMap } = { ...screenDefaults, ...settings };
  return { colour, ascii, mouse, images, announce, theme, colourMap };
}

const names = Object.keys(settingForms) as SettingName[];

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
  /** What is wrong with files and variables, where that is told. */
  troubles: DeepviewError[];
}

/**
 * Checks one value, given as text (flags, variables) or as JSON (files).
 * @param where what is to be mended: `--epochs`, `DEEPVIEW_EPOCHS`, `Key "epochs" of /path/config.json`
 * @throws DeepviewError `bad-option`, exit code 2
 */
export function parseSetting(name: SettingName, given: unknown, where: string): string | number | boolean {
  const form = settingForms[name];
  const value = typeof given === 'string' ? fromText(form, given) : given;
  return checkOption(form, value, where) as string | number | boolean;
}

/** The configuration files, weakest first: the user's, then the project's. */
export function configFiles(userFile: string, cwd: string): string[] {
  return [userFile, projectFile(cwd)];
}

/** `deepview-tui.config.json` in the working directory. */
const projectFile = (cwd: string): string => join(cwd, 'deepview-tui.config.json');

const unreadable = (file: string, why: string, cause?: unknown): DeepviewError =>
  new DeepviewError('bad-config', `The configuration file ${printable(file)} ${why}`, {
    hint: `Correct it or remove it; the keys are ${names.join(', ')}.`,
    exitCode: exitCodes.usage,
    cause,
  });

async function readConfigFile(file: string): Promise<Record<string, unknown> | undefined> {
  let text: string;
  try {
    text = await readText(file, limits.textBytes);
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(file, `cannot be read: ${reasonOf(thrown)}.`, thrown);
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
export const variableFor = (name: string): string =>
  `DEEPVIEW_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/**
 * Puts the settings together: flags over `DEEPVIEW_*` variables over the project's file over the user's file over
 * the defaults. NO_COLOR (any text) means `color: none` unless a flag or DEEPVIEW_COLOR says otherwise.
 * @param tellsTroubles returns what is wrong with files and variables, which then do not count, instead of throwing it
 * @throws DeepviewError `bad-option` or `bad-config`, naming the flag, the variable, or file and key; exit code 2
 */
export async function resolveSettings(source: {
  flags: Partial<Record<SettingName, unknown>>;
  env: NodeJS.ProcessEnv;
  userFile: string;
  cwd: string;
  tellsTroubles?: boolean | undefined;
}): Promise<AppliedSettings> {
  const applied = new Map<SettingName, Applied>();
  const put = (name: SettingName, given: unknown, where: string, from: string): void => {
    applied.set(name, { name, value: parseSetting(name, given, where), from });
  };
  for (const [name, value] of Object.entries(settingDefaults)) {
    applied.set(name as SettingName, { name: name as SettingName, value, from: 'default' });
  }
  const troubles: DeepviewError[] = [];
  const onTrouble = (thrown: unknown): undefined => {
    if (!source.tellsTroubles || !(thrown instanceof DeepviewError)) throw thrown;
    troubles.push(thrown);
  };
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (thrown) {
      onTrouble(thrown);
    }
  };
  const files: string[] = [];
  for (const file of configFiles(source.userFile, source.cwd)) {
    const content = await readConfigFile(file).catch(onTrouble);
    if (!content) continue;
    files.push(file);
    for (const [key, value] of Object.entries(content)) {
      attempt(() => {
        if (!(names as string[]).includes(key)) {
          const near = nearest(key, names);
          const meant = near ? `; did you mean "${near}"?` : '.';
          throw unreadable(file, `has an unknown key "${printable(key, 60)}"${meant}`);
        }
        put(key as SettingName, value, `Key "${key}" of ${printable(file)}`, file);
      });
    }
  }
  if (source.env['NO_COLOR']) applied.set('color', { name: 'color', value: 'none', from: 'NO_COLOR' });
  for (const name of names) {
    const variable = variableFor(name);
    const value = source.env[variable];
    if (value !== undefined && value !== '') attempt(() => put(name, value, variable, variable));
    const flag = source.flags[name];
    if (flag !== undefined) put(name, flag, name === 'network' ? 'NETWORK' : flagFor(name), flagFor(name));
  }
  const origins = names.flatMap((name) => applied.get(name) ?? []);
  // Each value was checked against the table above, or comes from the typed defaults.
  const values = Object.fromEntries(origins.map((entry) => [entry.name, entry.value])) as Partial<Settings>;
  return { values, origins, files, troubles };
}
