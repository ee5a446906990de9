import { exitCodes } from '../engine/base/errors.ts';
import { layerTable, type LayerRow } from '../engine/network/layer-table.ts';
import { isNetworkFile, isOpenLayer, resolveNetwork, type NetworkFile } from '../engine/network/file/index.ts';
import { openNetworkFile } from '../engine/network/open-file.ts';
import { cifarShape, findPreset, presets } from '../engine/network/presets/index.ts';
import type { NetworkSpecification } from '../engine/network/specification.ts';
import { images, imagesName } from '../engine/network/wiring.ts';
import { formatTable, printJson, printLine, type Command, type CommandContext } from './common.ts';
import { trainingInWords } from './training-words.ts';

/** `networks` lists the networks; `networks NAME` prints one's layers, also those of a file. */
export const networks: Command<{ name?: string }> = async ({ name }, context) => {
  if (name === undefined) list(context);
  else if (isNetworkFile(name))
    describeFile((await openNetworkFile(name, { cwd: context.cwd, allowModule: true })).file, context);
  else describe(findPreset(name), context);
  return exitCodes.done;
};

/** A file may leave the size of its images and the number of classes to the data set; CIFAR-10's then stand for them. */
function describeFile(file: NetworkFile, context: CommandContext): void {
  const isOpen = file.layers.some(isOpenLayer);
  const specification = resolveNetwork(file, { imageShape: cifarShape, classes: isOpen ? cifarClasses : undefined });
  describe(specification, context, file.training.learningRate);
  const open = [file.input ? '' : 'images of 32x32x3', isOpen ? '10 classes' : ''].filter(Boolean);
  if (open.length > 0 && !context.json) {
    printLine(context, `for ${open.join(' and ')}; the file leaves that to the data set`);
  }
}

const cifarClasses = 10;

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
  for (const line of formatTable([['network', 'rows', 'parameters', ''], ...rows], [2])) printLine(context, line);
}

/** @param learningRate as its file has it */
function describe(
  specification: NetworkSpecification,
  context: CommandContext,
  learningRate?: NetworkFile['training']['learningRate'],
): void {
  const { name, description, training } = specification;
  const table = layerTable(specification);
  const parameters = parametersOf(specification);
  const multiplications = table.reduce((sum, row) => sum + row.multiplications, 0);
  if (context.json) {
    const layers = table.map((row) => ({ ...row, from: sourcesOf(row, table) }));
    printJson(context, { format: 1, name, description, parameters, multiplications, layers });
    return;
  }
  printLine(context, [name, description].filter(Boolean).join(': '));
  printLine(context);
  const head = [' #', 'name', 'layer', 'output', 'parameters', 'sees', 'multiplications', ''];
  const rows = table.map((row, position) => [
    String(row.index).padStart(2),
    row.name,
    row.label,
    row.shape.join('x'),
    row.parameters ? grouped(row.parameters) : '',
    `${row.receptiveField.size}x${row.receptiveField.size}`,
    row.multiplications ? grouped(row.multiplications) : '',
    // Nothing need be said of a layer that follows the one above it.
    row.from.length > 1 || row.from[0] !== position - 1 ? `from ${sourcesOf(row, table).join(', ')}` : '',
  ]);
  const lossWord = training.loss === 'squared-error' ? 'squares' : 'softmax';
  const loss = [String(table.length + 1).padStart(2), 'loss', lossWord, '', '', '', '', ''];
  const total = ['', '', 'total', '', grouped(parameters), '', grouped(multiplications), ''];
  for (const line of formatTable([head, ...rows, loss, total], [3, 4, 5, 6])) printLine(context, line);
  printLine(context);
  for (const line of trainingInWords(training, learningRate)) printLine(context, line);
}

/** What a layer takes its input from, by name. */
const sourcesOf = ({ from }: LayerRow, table: readonly LayerRow[]): string[] =>
  from.map((at) => (at === images ? imagesName : table[at].name));

/** `145 578`: thousands apart, as the rest of the program writes them. */
const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
