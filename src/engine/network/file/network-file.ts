import { limits } from '../../base/limits.ts';
import {
  check,
  either,
  jsonSchema,
  kinds,
  list,
  needed,
  object,
  optional,
  text,
  triple,
  usually,
  whole,
  type Form,
  type Kinds,
  type Path,
  type Value,
} from '../../base/schema/index.ts';
import { networkTrainingForm, optimiserForm } from '../../base/training-settings.ts';
import { definitionOf, layerKinds, type LayerSpecification } from '../layers/index.ts';
import type { Augmentation, NetworkSpecification, OptimiserSpecification } from '../specification.ts';
import type { Schedule } from './schedule.ts';

const name = text(64, {
  pattern: '^(?!input$)[A-Za-z][A-Za-z0-9_.-]{0,63}$',
  words: 'a letter, then at most 63 letters, digits, _, . or -, and not "input"',
});
const layerName = text(64);
const oneLine = text(limits.nameLength);
const shape = triple(whole(1, 4096));

const wiring = {
  name: optional(name, "The layer's name, unique in its network; by default its kind, counted: conv1, relu2."),
  from: optional(
    either(layerName, list(layerName, 1, 64)),
    'The layers before it that its input comes from, or "input", the images; by default the one before.',
  ),
};

/** What is true of a layer that the form lets through, whatever its kind. */
interface CheckedLayer {
  kind: LayerSpecification['kind'];
  from?: string | string[];
}

const layerForm = kinds(
  Object.fromEntries(layerKinds.map(({ kind, about, fields }) => [kind, { about, fields: { ...fields, ...wiring } }])),
) as Form<CheckedLayer> & { kinds: Kinds };

const layersForm = list(layerForm, 1, limits.layers);

/** What a network file may say. */
export const networkForm = object({
  $schema: optional(text(2000), "This schema's address, for editors."),
  name: optional(name, "The network's name; by default the file's."),
  description: usually('', oneLine, 'One line for a person who chooses.'),
  input: optional(shape, '[height, width, channels] of one image; by default what the data set has.'),
  layers: needed(layersForm, 'In order; each takes its input from layers before it.'),
  training: optional(networkTrainingForm, 'How it is trained.'),
});

/** The JSON Schema of network files. */
export const networkSchema = (): object => jsonSchema('A network for deepview-tui', networkForm);

/** A number of neurons that may be left to the data set. */
type Open<Layer> = Layer extends { channels: number }
  ? Omit<Layer, 'channels'> & { channels: number | 'classes' }
  : Layer extends { units: number }
    ? Omit<Layer, 'units'> & { units: number | 'classes' }
    : Layer;

/** A layer whose number of neurons may be that of the classes. */
export type OpenLayer = Open<LayerSpecification>;

/** Whether a layer's number of neurons is left to the data; one may also be called `classes`. */
export function isOpenLayer(layer: OpenLayer): boolean {
  const { neurons } = definitionOf(layer);
  return (
    neurons !== undefined && Object.entries(layer).some(([name, value]) => name === neurons && value === 'classes')
  );
}

/** Puts the number of classes where it was left open. */
export const closeLayers = (layers: readonly OpenLayer[], classes: number): LayerSpecification[] =>
  layers.map(
    (layer) =>
      (isOpenLayer(layer) ? { ...layer, [definitionOf(layer).neurons!]: classes } : layer) as LayerSpecification,
  );

type GivenTraining = Value<typeof networkTrainingForm>;

/** How a file says that its network is trained, with all of it filled in that is not left to data and user. */
export interface FileTraining extends Omit<GivenTraining, 'optimiser' | 'learningRate' | 'weightDecay'> {
  optimiser: OptimiserSpecification;
  learningRate: number | readonly number[] | Schedule;
  weightDecay: number;
  augmentation: Augmentation;
}

/**
 * A network file, checked, and with everything filled in that needs no knowledge of the data. Plain data: it crosses
 * processes, so that a file is read, and a module run, once.
 */
export interface NetworkFile {
  /** What the file was called where it was named. */
  source: string;
  name: string;
  description: string;
  /** [height, width, channels] of one image, unless left to the data set. */
  input?: readonly [number, number, number];
  layers: readonly OpenLayer[];
  training: FileTraining;
  /** Line and column of each layer, from 1; a module has none. */
  places?: readonly (readonly [line: number, column: number])[];
}

/**
 * Checks what a file holds, and fills in what depends on other fields.
 * @throws ValidationError
 */
export function checkNetwork(value: unknown): Omit<NetworkFile, 'source' | 'name'> & { name?: string } {
  const { $schema: _, training = check(networkTrainingForm, {}), layers, ...given } = check(networkForm, value);
  return { ...given, layers: layers.map(completedAt(['layers'])), training: completeTraining(training) };
}

/** @param path the way to the layers */
const completedAt =
  (path: Path) =>
  ({ from, ...given }: CheckedLayer, place: number): OpenLayer => {
    const layer = given as LayerSpecification;
    return {
      ...(definitionOf(layer).complete?.(layer, [...path, place]) ?? layer),
      ...(from !== undefined && { from: typeof from === 'string' ? [from] : from }),
    };
  };

/** By optimiser: the first rate of the cosine, and the weight decay, where nothing is said. */
export const usualOf = {
  sgd: { rate: 0.05, weightDecay: 0.0001 },
  adam: { rate: 0.001, weightDecay: 0 },
  adamw: { rate: 0.001, weightDecay: 0.01 },
} as const;

function completeTraining({ optimiser: chosen, ...training }: GivenTraining): FileTraining {
  const optimiser = typeof chosen === 'string' ? check(optimiserForm, { kind: chosen }) : chosen;
  const { rate, weightDecay } = usualOf[optimiser.kind];
  return {
    ...{ learningRate: { kind: 'cosine', rate, least: 0, warmUp: 0 }, weightDecay, augmentation: {} },
    ...training,
    optimiser,
  };
}

/** What a run keeps of a network that it cannot find by name: all but how it is trained. */
export type StoredNetwork = Pick<NetworkSpecification, 'name' | 'description' | 'inputShape' | 'layers'>;

const storedForm = object({
  name: needed(oneLine, 'Its name.'),
  description: needed(oneLine, 'One line for a person.'),
  inputShape: needed(shape, '[height, width, channels].'),
  layers: needed(layersForm, 'In order.'),
});

/**
 * Checks a network that a run kept.
 * @param path the way to it
 * @param classes of the run
 * @throws ValidationError
 */
export function parseStoredNetwork(value: unknown, path: Path, classes: number): StoredNetwork {
  const given = check(storedForm, value, path);
  return { ...given, layers: closeLayers(given.layers.map(completedAt([...path, 'layers'])), classes) };
}
