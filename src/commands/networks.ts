import { exitCodes } from '../engine/errors.ts';
import { layerTable } from '../engine/network/layer-table.ts';
import { findPreset, presets } from '../engine/network/presets/index.ts';
import type { NetworkSpecification, OptimiserSpecification } from '../engine/network/specification.ts';
import { formatTable, printJson, printLine, type Command, type CommandContext } from './common.ts';

/** `networks` lists the networks; `networks NAME` prints one's layers. */
// eslint-disable-next-line @typescript-eslint/require-await -- every command is asynchronous
export const networks: Command<{ name?: string }> = async ({ name }, context) => {
  if (name === undefined) list(context);
  else describe(findPreset(name), context);
  return exitCodes.done;
};

const parametersOf = (specification: NetworkSpecification): number =>
  layerTable(specification).reduce((sum, { parameters }) => sum + parameters, 0);

/** Rows as the paper counts them: the loss is one. */
const rowsOf = ({ layers }: NetworkSpecification): number => layers.length + 1;

function list(context: CommandContext): void {
  if (context.json) {
    const described = presets.map((network) => ({
      name: network.name,
      description: network.description,
      layers: network.layers.length,
      parameters: parametersOf(network),
    }));
    printJson(context, { format: 1, networks: described });
    return;
  }
  const rows = presets.map((network) => [
    network.name,
    rowsOf(network),
    grouped(parametersOf(network)),
    network.description,
  ]);
  const width = Math.max(...rows.map(([, , parameters]) => String(parameters).length), 'parameters'.length);
  const aligned = rows.map((row) => row.with(2, String(row[2]).padStart(width)));
  for (const line of formatTable([['network', 'rows', 'parameters'.padStart(width), ''], ...aligned])) {
    printLine(context, line);
  }
}

function describe(specification: NetworkSpecification, context: CommandContext): void {
  const { name, description, training } = specification;
  const table = layerTable(specification);
  const parameters = parametersOf(specification);
  const multiplications = table.reduce((sum, row) => sum + row.multiplications, 0);
  if (context.json) {
    printJson(context, { format: 1, name, description, parameters, multiplications, layers: table });
    return;
  }
  printLine(context, `${name}: ${description}`);
  printLine(context);
  const right = ['', '', '', 'output', 'parameters', 'sees', 'multiplications'];
  const rows = table.map((row) => [
    String(row.index).padStart(2),
    row.name,
    row.label,
    row.shape.join('x'),
    row.parameters ? grouped(row.parameters) : '',
    `${row.receptiveField.size}x${row.receptiveField.size}`,
    row.multiplications ? grouped(row.multiplications) : '',
  ]);
  const loss = [String(table.length + 1).padStart(2), 'loss', 'softmax', '', '', '', ''];
  const total = ['', '', 'total', '', grouped(parameters), '', grouped(multiplications)];
  const all = [right.with(0, ' #').with(1, 'name').with(2, 'layer'), ...rows, loss, total];
  const widths = right.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  // The first three columns are words.
  const aligned = all.map((row) => row.map((cell, column) => (column < 3 ? cell : cell.padStart(widths[column]))));
  for (const line of formatTable(aligned)) printLine(context, line);
  printLine(context);
  printLine(
    context,
    `${training.learningRate.length} epochs, batch ${training.batch}, learning rate ${ratesInWords(training.learningRate)}, ${optimiserInWords(training.optimiser)}, weight decay ${training.weightDecay}`,
  );
}

/** `momentum 0.9`, `adamw`. */
function optimiserInWords(optimiser: OptimiserSpecification): string {
  if (optimiser.kind !== 'sgd') return optimiser.kind;
  return `${optimiser.nesterov ? 'Nesterov ' : ''}momentum ${optimiser.momentum}`;
}

/** `0.05 x30, 0.005 x10`. */
function ratesInWords(rates: readonly number[]): string {
  const runs: { rate: number; times: number }[] = [];
  for (const rate of rates) {
    const last = runs.at(-1);
    if (last?.rate === rate) last.times++;
    else runs.push({ rate, times: 1 });
  }
  return runs.map(({ rate, times }) => (times > 1 ? `${rate} x${times}` : String(rate))).join(', ');
}

/** `145 578`: thousands apart, as the rest of the program writes them. */
const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
