import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { printable } from '../../base/printable.ts';
import { pathText, type Path } from '../../base/schema/index.ts';
import { ImpossibleLayer } from '../impossible-layer.ts';
import { layerTable } from '../layer-table.ts';
import type { NetworkSpecification } from '../specification.ts';
import { wiringOf } from '../wiring.ts';
import { closeLayers, type NetworkFile } from './network-file.ts';
import { ratesOf, type Schedule } from './schedule.ts';

/** What a network file leaves to the data and to the options of the training. */
export interface Facts {
  /** [height, width, channels] */
  imageShape: readonly [number, number, number];
  /** By default as many as the file's last layer has outputs, which must not be left to the data then. */
  classes?: number | undefined;
  /** Instead of the file's. */
  epochs?: number | undefined;
}

/** Epochs where a file says nothing of them. */
const usualEpochs = 20;

/**
 * The network of a file for a certain data set: its size, number of classes and learning rates filled in.
 * @throws DeepviewError `impossible-network` (exit code 2) naming file, line and layer: layers that do not fit together,
 * a last layer that the loss cannot use, or more parameters or values than this program takes on
 */
export function resolveNetwork(file: NetworkFile, { imageShape, classes, epochs }: Facts): NetworkSpecification {
  const { name, description, training } = file;
  const { epochs: own, learningRate, ...more } = training;
  const count = epochs ?? own ?? (isList(learningRate) ? learningRate.length : usualEpochs);
  const specification: NetworkSpecification = {
    name,
    description,
    inputShape: file.input ?? imageShape,
    layers: closeLayers(file.layers, classes ?? 0),
    training: {
      ...more,
      learningRate: rates(learningRate, count),
    },
  };
  requireBuildable(specification, whereOf(file));
  requireOutput(specification, training.loss === 'squared-error' ? 1 : classes, file);
  return specification;
}

type Rates = NetworkFile['training']['learningRate'];
const isList = (rates: Rates): rates is readonly number[] => Array.isArray(rates);

/** One rate per epoch; the last one listed goes on. */
function rates(learningRate: Rates, epochs: number): number[] {
  if (isList(learningRate)) {
    return Array.from({ length: epochs }, (_, epoch) => learningRate[Math.min(epoch, learningRate.length - 1)]);
  }
  const schedule: Schedule =
    typeof learningRate === 'number' ? { kind: 'constant', rate: learningRate, warmUp: 0 } : learningRate;
  return ratesOf(schedule, epochs);
}

/** Says where a path of a file is written: `mynet.json:14:18`. */
export type Where = (path: Path) => string;

/** As far as a file that was read before remembers: its layers. */
const whereOf =
  ({ source, places }: Pick<NetworkFile, 'source' | 'places'>): Where =>
  ([, layer]) => {
    const place = typeof layer === 'number' ? places?.[layer] : undefined;
    return [printable(source, 1000), ...(place ?? [])].join(':');
  };

type Layers = Pick<NetworkSpecification, 'name' | 'inputShape' | 'layers'>;

/**
 * Refuses a network whose layers do not fit together or are too large.
 * @throws DeepviewError `impossible-network`
 */
export function requireBuildable(network: Layers, where: Where, what: 'all' | 'wiring' = 'all'): void {
  const fail = (path: Path, problem: string, hint: string): never => {
    throw impossible(`${where(path)}: ${pathText(path)} ${problem}`, hint);
  };
  try {
    wiringOf(network);
    if (what === 'wiring') return;
    let parameters = 0;
    layerTable(network).forEach((row, position) => {
      const path = ['layers', position];
      parameters += row.parameters;
      const values = row.shape.reduce((product, side) => product * side, 1);
      const fewer = 'Use fewer channels or units, or a stride or pooling before it.';
      if (row.units > limits.neurons)
        fail(path, `has ${row.units} neurons; at most ${limits.neurons} are shown`, fewer);
      if (values > limits.layerValues) {
        fail(path, `gives ${values} values per image; at most ${limits.layerValues} are kept`, fewer);
      }
      if (parameters > limits.parameters) {
        fail(path, `brings the parameters to ${parameters}; at most ${limits.parameters} are trained`, fewer);
      }
    });
  } catch (thrown) {
    if (!(thrown instanceof ImpossibleLayer)) throw thrown;
    const { layer, field, problem, hint } = thrown;
    const path = ['layers', layer];
    const place = where(field === undefined ? path : [...path, field]);
    throw impossible(`${place}: ${pathText(path)} ${problem}`, hint);
  }
}

const impossible = (message: string, hint: string | undefined): DeepviewError =>
  new DeepviewError('impossible-network', message, { hint, exitCode: exitCodes.usage });

/** The loss takes one position, and an output a class; squared error takes a single one. */
function requireOutput(network: NetworkSpecification, outputs: number | undefined, file: NetworkFile): void {
  const table = layerTable(network);
  const [height, width, channels] = table.at(-1)!.shape;
  const path = ['layers', table.length - 1];
  const fail = (problem: string, hint: string): never => {
    throw impossible(`${whereOf(file)(path)}: ${pathText(path)}, the last one, ${problem}`, hint);
  };
  if (height * width !== 1) {
    fail(
      `leaves ${width}x${height} positions, and the loss needs one`,
      'End with global-pooling or dense, or a convolution as large as its input.',
    );
  }
  if (outputs !== undefined && channels !== outputs) {
    const squared = network.training.loss === 'squared-error';
    fail(
      `has ${channels} outputs, and ${squared ? 'squared-error takes' : 'the data set has'} ${outputs}${squared ? '' : ' classes'}`,
      squared ? 'Give it one unit, or use cross-entropy.' : 'Write "classes" for the number: "units": "classes".',
    );
  }
  if (!table.some(({ parameters }) => parameters > 0)) fail('follows no layer that learns', 'Add a dense layer.');
}
