import { deviceText, engineChoice, engineStatus, stateText, type EngineStatus } from '../engine/backend/status.ts';
import { exitCodes, type DeepviewError, type ExitCode } from '../engine/base/errors.ts';
import type { Paths } from '../engine/base/paths.ts';
import { printable } from '../engine/base/printable.ts';
import { catalogue } from '../engine/data/catalogue.ts';
import { printJson, printLine, type CommandContext } from './common.ts';
import type { Applied } from './config.ts';
import { checkPlaces, shownPath, type Place } from './doctor/places.ts';
import { checkTerminal, type TerminalState } from './doctor/terminal.ts';

/** Something that will get in the way, and what to do about it. */
export interface Problem {
  /** A stable word for programs. */
  code: string;
  message: string;
  remedy: string;
  /** Whether the program cannot do its work; otherwise it does it less well. */
  severe: boolean;
}

/** What `doctor --json` prints. */
export interface DoctorReport {
  format: 1;
  program: { version: string; node: string; platform: string; executable: string };
  engine: EnginesState;
  data: DataState[];
  terminal: TerminalState;
  places: Place[];
  settings: Applied[];
  configFiles: string[];
  problems: Problem[];
}

export interface DoctorOptions {
  settings: readonly Applied[];
  configFiles: readonly string[];
  /** What is wrong with those and with variables: other commands end with it. */
  troubles: readonly DeepviewError[];
}

/**
 * `doctor`: what there is, which of it is used and why, and what is wrong.
 * @returns 1 when something prevents the program's work
 */
export async function doctor(options: DoctorOptions, context: CommandContext): Promise<ExitCode> {
  const report = await examine(options, context);
  if (context.json) printJson(context, report);
  else for (const line of reportLines(report)) printLine(context, line);
  return report.problems.some((problem) => problem.severe) ? exitCodes.failed : exitCodes.done;
}

const oldestNode = [20, 19] as const;

function checkNode(version: string): Problem[] {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return [];
  const message = `Node ${version} is older than ${oldestNode.join('.')}, the oldest this program works with.`;
  return [{ code: 'old-node', message, remedy: 'Install a current Node.js.', severe: true }];
}

async function examine(options: DoctorOptions, context: CommandContext): Promise<DoctorReport> {
  const { paths } = context;
  const [engine, data, places, terminal] = await Promise.all([
    checkEngines(paths, context.env),
    checkData(paths),
    checkPlaces(paths),
    checkTerminal(context),
  ]);
  return {
    format: 1,
    program: {
      version: context.version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      executable: process.argv[1] ?? process.execPath,
    },
    engine: engine.state,
    data: data.states,
    terminal: terminal.state,
    places: places.places,
    settings: [...options.settings],
    configFiles: [...options.configFiles],
    problems: [
      ...checkNode(process.version),
      ...options.troubles.map(({ code, message, hint = '' }): Problem => ({
        code,
        message,
        remedy: hint,
        severe: true,
      })),
      ...engine.problems,
      ...data.problems,
      ...places.problems,
      ...terminal.problems,
    ],
  };
}

function reportLines(report: DoctorReport): string[] {
  const clean = (text: string): string => printable(text, 4096);
  const section = (title: string, rows: readonly (readonly [string, string])[]): string[] => {
    const width = Math.max(...rows.map(([name]) => name.length));
    return ['', title, ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${clean(value)}`.trimEnd())];
  };
  const { program, terminal, problems } = report;
  const list = problems.flatMap((problem) => [`  ${clean(problem.message)}`, `    ${clean(problem.remedy)}`]);
  return [
    `deepview-tui ${program.version}, Node ${program.node}, ${program.platform}`,
    ...section('Engine', [
      ['auto', `${report.engine.auto.name}: ${report.engine.auto.reason}`],
      ...report.engine.engines.map((each): [string, string] => [`${each.name} ${deviceText(each)}`, engineText(each)]),
    ]),
    ...section(
      'Data',
      report.data.map((each) => [each.name, each.directory ? `${each.state}, ${each.directory}` : each.state]),
    ),
    ...section('Terminal', terminalRows(terminal)),
    ...section(
      'Places',
      report.places.map((place) => [place.name, place.trouble ? `${place.path} (${place.trouble})` : place.path]),
    ),
    ...section(
      'Settings',
      report.settings.map((setting) => [setting.name, `${setting.value} (${setting.from})`]),
    ),
    '',
    ...(problems.length > 0 ? ['Problems', ...list] : ['No problems were found.']),
  ];
}

function engineText(each: EngineStatus): string {
  return `${stateText(each)}${each.version ? `, ${each.version}` : ''}: ${each.reason}${each.installed ? `; ${each.path}` : ''}`;
}

function pictureRows({ pictures }: TerminalState): [string, string][] {
  if (!pictures) return [];
  const { protocol, reason, cell } = pictures;
  return [['pictures', `${protocol}: ${reason}; a cell has ${cell.width}x${cell.height} pixels`]];
}

function characterRows({ characters }: TerminalState): [string, string][] {
  return characters ? [['characters', `${characters.ascii ? 'ASCII only' : 'all'}: ${characters.reason}`]] : [];
}

function terminalRows(terminal: TerminalState): [string, string][] {
  if (!terminal.isTerminal) return [['output', 'not a terminal: lines are printed instead of the screen']];
  const background = terminal.isLight === undefined ? 'unknown' : terminal.isLight ? 'light' : 'dark';
  return [
    ['type', `${terminal.type}${terminal.name ? `, ${terminal.name}` : ''}`],
    ['size', `${terminal.columns}x${terminal.rows}${terminal.knowsSize ? '' : ', not told'}`],
    ['colours', `${terminal.colours}: ${terminal.coloursReason}`],
    ...characterRows(terminal),
    ['background', background],
    ['whole frames', terminal.isSynchronised ? 'yes (mode 2026)' : 'no'],
    ...pictureRows(terminal),
  ];
}

interface EnginesState {
  /** What `--engine auto` takes, and why. */
  auto: { name: string; reason: string };
  engines: EngineStatus[];
}

/** Which engines there are. That the native one is missing is worth a word; that all are is severe. */
async function checkEngines(
  paths: Paths,
  env: NodeJS.ProcessEnv,
): Promise<{ state: EnginesState; problems: Problem[] }> {
  const engines = await engineStatus(paths, env);
  const choice = engineChoice(engines);
  if (choice === undefined) {
    const message = `No engine can be used: ${engines.map((each) => `${each.name}: ${each.reason}`).join('; ')}.`;
    const remedy = 'Install the program again: npm install.';
    return {
      state: { auto: { name: 'none', reason: message }, engines },
      problems: [{ code: 'no-engine', message, remedy, severe: true }],
    };
  }
  const { engine, reason } = choice;
  const problems = engines
    .filter((each) => each.build === 'cpu' && engine.name === 'wasm')
    .map((each) => ({
      code: 'no-native-engine',
      message: `The tensorflow engine cannot be used: ${each.reason}`,
      remedy: 'When that is fixed: deepview-tui engine install. Until then wasm trains, several times slower.',
      severe: false,
    }));
  const cuda = engines.find((each) => each.build === 'cuda');
  if (cuda !== undefined && engine.device === 'cpu') {
    problems.push({
      code: 'gpu-not-used',
      message: `A GPU, or the engine for one, is not used: ${cuda.reason}`,
      remedy: 'README, "GPUs", says what it takes.',
      severe: false,
    });
  }
  return { state: { auto: { name: engine.name, reason }, engines }, problems };
}

interface DataState {
  name: string;
  state: 'ready' | 'absent' | 'damaged' | 'generated';
  directory?: string;
}

/** Which data sets are on this machine. One that is only absent is no problem: it is fetched when it is needed. */
async function checkData(paths: Paths): Promise<{ states: DataState[]; problems: Problem[] }> {
  const states = await Promise.all(
    catalogue.map(async ({ name, store }): Promise<DataState> => {
      if (!store) return { name, state: 'generated' };
      return { name, state: (await store.glance(paths)).state, directory: shownPath(store.directory(paths)) };
    }),
  );
  const problems = states
    .filter((each) => each.state === 'damaged')
    .map((each) => ({
      code: 'damaged-data',
      message: `The data set ${each.name} is damaged at ${each.directory ?? ''}.`,
      remedy: `Run: deepview-tui data fetch ${each.name}`,
      severe: false,
    }));
  return { states, problems };
}
