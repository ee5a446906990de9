import type { Command, CommandContext } from '../commands/common.ts';
import type { Applied, SettingName, Settings } from '../commands/config.ts';
import type { DeepviewError, ExitCode } from '../engine/base/errors.ts';
import type { Form } from '../engine/base/schema/index.ts';

/** One `--option`, as help, documentation, completion and the parser need it. */
export interface OptionSpecification {
  name: string;
  /** One letter for short. */
  short?: string;
  /** What stands for its value in help: `N`, `FILE`; absent for a switch. */
  value?: string;
  /** What its value may be; by default a text that is not empty. */
  form?: Form;
  /** One line, without its default. */
  description: string;
  /** In words, for help. */
  default?: string;
  /** The setting it gives; such options are checked with those that come from variables and files. */
  setting?: SettingName;
}

/** One positional argument. */
export interface ArgumentSpecification {
  name: string;
  required?: boolean;
  /** Takes all the words that follow. */
  many?: boolean;
  form?: Form;
  description: string;
  /** The setting it gives. */
  setting?: SettingName;
}

/** What the parser hands to a command: only what was given, checked. */
export interface Given {
  /** Positional arguments by name. */
  arguments: Readonly<Record<string, string | undefined>>;
  /** The words of an argument that takes many. */
  words: readonly string[];
  /** Options that are not settings. */
  options: Readonly<Record<string, string | number | boolean | undefined>>;
  settings: Partial<Settings>;
  /** Where each setting came from. */
  origins: readonly Applied[];
  /** Configuration files that were read. */
  configFiles: readonly string[];
  /** What is wrong with those and with variables, where the command tells of it. */
  troubles: readonly DeepviewError[];
}

export interface CommandSpecification {
  /** Words that name it: `['runs', 'rm']`; empty for the program without a command. */
  path: readonly string[];
  /** One line. */
  summary: string;
  /** Paragraphs below the summary. */
  details?: string;
  arguments?: readonly ArgumentSpecification[];
  options?: readonly OptionSpecification[];
  /** Also runs when only its group is named: `runs` alone means `runs list`. */
  isGroupDefault?: boolean;
  /** `untried` is a mark for the test that runs them, with its reason: `not run: fetches CIFAR-10`, `slow: trains`. */
  examples?: readonly (readonly [command: string, meaning: string, untried?: string])[];
  /** Whether it goes on when its text cannot be written: a reader that goes away (`| head -1`), a full disk. */
  outlivesOutput?: boolean;
  /** Whether it tells what is wrong with settings, instead of ending with it. */
  tellsTroubles?: boolean;
  /** Whether it listens to the context's signal and ends tidily; others are ended at once, for they leave nothing half done. */
  stopsItself?: boolean;
  /** Loads the command's file and calls it. Heavy parts are imported here, not before. */
  run: (given: Given, context: CommandContext) => Promise<ExitCode>;
}

/** Why no test runs an example. */
export const takesHours = 'not run: fetches CIFAR-10 and trains for hours';

/** Calls a command that is loaded when it is needed. */
export const lazily =
  <Options>(load: () => Promise<Command<Options>>, options: (given: Given) => Options): CommandSpecification['run'] =>
  async (given, context) =>
    (await load())(options(given), context);

/** Those of some options that were given, under the names by which a command takes them; their forms are checked. */
export const optionsGiven = <Options>({ options }: Given, ...names: (keyof Options & string)[]): Partial<Options> =>
  Object.fromEntries(
    names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  ) as Partial<Options>;

/** `train [NETWORK]`, `runs rm <RUN..>` */
export function synopsis({ path, arguments: words = [] }: CommandSpecification): string {
  const forms = words.map(({ name, required, many }) => {
    const word = many ? `${name}..` : name;
    return required ? `<${word}>` : `[${word}]`;
  });
  return [...path, ...forms].join(' ');
}

/** `--epochs N`, `-o, --output FILE` */
export const optionForm = ({ name, short, value }: OptionSpecification): string =>
  `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;

/** The words that a value may be, where it is none but these. */
export const choicesOf = (form: Form | undefined): readonly string[] | undefined =>
  form?.form === 'choice' ? form.words : undefined;

/** What an option means, with its choices and its default. */
export function optionMeaning({ description, form, default: usual }: OptionSpecification): string {
  const choices = choicesOf(form);
  const parts = [description, choices && `(${choices.join(', ')})`, usual !== undefined && `[${usual}]`];
  return parts.filter(Boolean).join(' ');
}
