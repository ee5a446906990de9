import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commands, globalOptions } from '../../src/cli/commands.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { choicesOf } from '../../src/cli/specification.ts';
import { resolveSettings } from '../../src/commands/config.ts';
import { trainingSettingNames } from '../../src/engine/base/training-settings.ts';
import type { Random } from '../../src/engine/base/random.ts';
import type { RunState } from '../../src/engine/run/format.ts';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { Explorer } from '../../src/engine/analysis/questions/explorer.ts';
import type { ExplorationRequest } from '../../src/engine/analysis/questions/messages.ts';
import { TrainingControl } from '../../src/engine/training/control.ts';
import { isTrainingCommand, type RunEvent, type TrainingRequest } from '../../src/engine/training/messages.ts';
import { validateRequest } from '../../src/engine/training/request.ts';
import { Supervisor, type ThreadListeners } from '../../src/engine/training/supervisor.ts';
import { InputSplitter, type InputPart } from '../../src/imaging/terminal/terminal-input.ts';
import { applyRunEvents, emptyRun } from '../../src/views/model/run-model.ts';
import { epochOf, headerOf, writeRun } from '../engine/run/sample-run.ts';
import { damage, pick } from './mutate.ts';
import { verdictOf, type Target, type Verdict } from './run.ts';

const texts = [
  '',
  ' ',
  '0',
  '-1',
  '1',
  '1e9',
  '1e999',
  'NaN',
  '0x10',
  '٣',
  'off',
  'none',
  '\u001b[2J',
  '\u0000',
  '../..',
  '/',
];
const more = [
  '-',
  '--',
  '--x',
  '=',
  'a'.repeat(10_000),
  'é\u0301',
  '👩‍👩‍👧',
  '\ud800',
  '__proto__',
  'constructor',
  'last',
  'demo',
];
const hostile = [
  ...texts,
  ...more,
  '/dev/zero',
  '/proc/self/mem',
  'mirror,mirror',
  'shift=1e9',
  '1/1',
  '1/',
  '/1',
  '999999/1',
];

/** A command with some of its options, of another's too, each with a value of its choices, or one that is none. */
function argumentsOf(random: Random): string[] {
  const command = pick(random, commands);
  const others = random.next() % 5 === 0 ? commands.flatMap(({ options = [] }) => options) : [];
  const options = [...(command.options ?? []), ...globalOptions, ...others];
  const given = Array.from({ length: random.next() % 4 }, () => {
    const { name, form, value } = pick(random, options);
    const choices = [...(form === undefined ? [] : (choicesOf(form) ?? [])), ...hostile].map(String);
    const word = `--${random.next() % 12 === 0 ? `no-${name}` : name}`;
    if (value === undefined) return [word];
    const text = pick(random, choices);
    return random.next() % 2 === 0 ? [`${word}=${text}`] : [word, ...(random.next() % 8 === 0 ? [] : [text])];
  });
  const words = Array.from({ length: random.next() % 3 }, () => pick(random, hostile));
  const parts = [command.path, ...given, words];
  return random.next() % 6 === 0 ? parts.reverse().flat() : parts.flat();
}

const jsonOf = (value: unknown, random: Random): unknown => {
  const text = damage(Buffer.from(JSON.stringify(value)), random).bytes.toString();
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON never comes over a border between processes.
    return value;
  }
};

const request: TrainingRequest = {
  ...{ network: 'shallow', data: 'shapes', seed: 3, engine: 'wasm', epochs: 2, batch: 10, probe: 100 },
  ...{ features: 'off', augment: 'mirror', optimiser: 'adam', learningRate: 0.1, earlyStopping: 3, imageSize: 32 },
};

const states: RunState[] = ['preparing', 'running', 'paused', 'stopped', 'failed', 'finished'];

/** What a trainer may say, in any order and with any numbers. */
function eventOf(random: Random): RunEvent {
  const number = 1 + (random.next() % 5);
  const any = pick(random, [0, 1, -1, NaN, Infinity, 1e308, 0.5]);
  switch (random.next() % 5) {
    case 0:
      return { type: 'run', header: headerOf(), directory: '/nowhere' };
    case 1:
      return { type: 'epoch', record: { ...epochOf(headerOf(), number).record, scalars: { 'loss/train': any } } };
    case 2: {
      const numbers = { loss: any, imagesPerSecond: any, secondsLeft: any };
      return { type: 'batch', epoch: number, batch: number, batches: 5, ...numbers, phase: 'training' };
    }
    case 3:
      return { type: 'notice', text: pick(random, hostile) };
    default:
      return { type: 'state', state: pick(random, states) };
  }
}

export const messageTargets: Target[] = [
  {
    name: 'command-line',
    cases: 2500,
    prepare: (directory) =>
      Promise.resolve((random) =>
        verdictOf(async (): Promise<Verdict> => {
          const { flags, answer } = parseCommandLine(argumentsOf(random), commands, globalOptions);
          if (answer !== '') return 'said';
          await resolveSettings({ flags, env: {}, userFile: join(directory, 'none'), cwd: directory });
          return 'other';
        }),
      ),
  },
  {
    name: 'variables',
    cases: 500,
    prepare: (directory) =>
      Promise.resolve((random) =>
        verdictOf(async (): Promise<Verdict> => {
          const name = pick(random, trainingSettingNames).replace(/[A-Z]/g, (letter) => `_${letter}`);
          const env = { [`DEEPVIEW_${name.toUpperCase()}`]: pick(random, hostile) };
          await resolveSettings({ flags: {}, env, userFile: join(directory, 'none'), cwd: directory });
          return 'other';
        }),
      ),
  },
  {
    name: 'training-request',
    cases: 500,
    prepare: (directory) =>
      Promise.resolve((random) =>
        verdictOf(async (): Promise<Verdict> => {
          const asked = jsonOf(request, random) as TrainingRequest;
          if (!isTrainingCommand({ type: 'start', request: asked })) return 'refused';
          await validateRequest(asked, { runs: join(directory, 'runs') });
          return 'other';
        }),
      ),
  },
  {
    name: 'training-commands',
    cases: 1000,
    prepare: () =>
      Promise.resolve(async (random) => {
        let thread: ThreadListeners | undefined;
        const control = new TrainingControl();
        const sent: RunEvent[] = [];
        const supervisor = new Supervisor({
          startThread: (listeners) => {
            thread = listeners;
            return { post: (command) => control.handle(command), terminate: () => Promise.resolve() };
          },
          send: (event) => sent.push(event),
          before: () =>
            Promise.resolve({ isNew: true, restore: () => Promise.resolve(), release: () => Promise.resolve() }),
          record: () => Promise.resolve(),
          asked: () => Promise.resolve([]),
          notify: () => Promise.resolve(),
          every: () => () => undefined,
          log: () => undefined,
        });
        const usual = ['start', 'pause', 'resume', 'stop'].map((type) => ({ type, request, when: 'now' }));
        for (let step = 0; step < 8; step++) {
          const command = jsonOf(pick(random, usual), random);
          if (isTrainingCommand(command)) supervisor.command(command);
          if (random.next() % 2 === 0) thread?.onEvent(eventOf(random));
        }
        supervisor.stop();
        thread?.onExit(0);
        const end = await supervisor.ended;
        const last = sent.at(-1);
        if (last?.type !== 'state' || last.state !== end) throw new Error(`the last word is ${JSON.stringify(last)}`);
        return 'same';
      }),
  },
  {
    name: 'run-events',
    cases: 500,
    prepare: () =>
      Promise.resolve((random) => {
        const events = Array.from({ length: 1 + (random.next() % 12) }, () => eventOf(random));
        // Together or one by one: the same run.
        const model = applyRunEvents(emptyRun, events);
        const alone = events.reduce((before, event) => applyRunEvents(before, [event]), emptyRun);
        if (model.state !== alone.state) throw new Error(`${model.state} is not ${alone.state}`);
        return Promise.resolve('same' as const);
      }),
  },
  {
    name: 'exploration',
    cases: 300,
    prepare: async (directory) => {
      const run = join(directory, 'run');
      await writeRun(run);
      const usual: ExplorationRequest[] = [
        { type: 'evolution', layer: 0 },
        { type: 'map', layer: 1, epoch: 2, k: 2, linkage: 'average' },
        { type: 'patches', layer: 0, neuron: 1, epoch: 1, first: 0, count: 4 },
        { type: 'rows', layer: 0, neurons: [0, 1], epoch: 1, count: 2 },
        { type: 'distributions', layer: 1, neuron: 2, epoch: 3 },
        { type: 'facets', layer: 0, neuron: 0, epoch: 1, k: 3 },
      ];
      return async (random) => {
        const asked = pick(random, usual);
        // Another number of a layer, neuron or epoch: what keys and a run that is replaced may ask for.
        const changed = Object.entries(asked).map(([key, value]: [string, unknown]) => [
          key,
          typeof value === 'number' && random.next() % 2 === 0 ? pick(random, [0, 1, 2, 5, 1e6]) : value,
        ]);
        const answers: string[] = [];
        const explorer = new Explorer(run, pathsFor({ HOME: directory }), (answer) => {
          if (answer.type === 'unavailable' && answer.error.code === 'internal') throw new Error(answer.error.message);
          answers.push(answer.type);
        });
        await explorer.ask(Object.fromEntries(changed) as ExplorationRequest);
        if (answers.length === 0) throw new Error('no answer came');
        return answers.includes('unavailable') ? 'refused' : 'other';
      };
    },
  },
  {
    name: 'terminal-input',
    cases: 1500,
    prepare: async (directory) => {
      await writeFile(join(directory, 'unused'), '');
      const usual =
        '\u001b[<0;10;5Mabc\u001b[200~pasted\u001b[201~\u001b[I\u001b[O\u001b[A\u001b[1;5Bq\u001b]11;rgb:0/0/0\u0007é👩';
      return (random) => {
        const text = damage(Buffer.from(usual), random).bytes.toString();
        const whole = new InputSplitter().push(text);
        const inPieces = new InputSplitter();
        const parts: InputPart[] = [];
        for (let at = 0; at < text.length;) {
          const length = 1 + (random.next() % 7);
          for (const part of inPieces.push(text.slice(at, at + length))) {
            const before = parts.at(-1);
            if (typeof part === 'string' && typeof before === 'string') parts[parts.length - 1] = before + part;
            else parts.push(part);
          }
          at += length;
        }
        if (JSON.stringify(whole) !== JSON.stringify(parts)) {
          throw new Error(`${JSON.stringify(text)} is other keys in pieces: ${JSON.stringify([whole, parts])}`);
        }
        return Promise.resolve('same');
      };
    },
  },
];
