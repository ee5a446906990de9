import { limits } from '../../base/limits.ts';
import { networkTrainingForm } from '../../base/training-settings.ts';
import {
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
} from '../../base/schema/index.ts';
import { layerKinds, type LayerSpecification } from '../layers/index.ts';

/** What a network file may say: the only such table. Validation, schema and documentation follow from it. */

const name = text(64, {
  pattern: '^(?!input$)[A-Za-z][A-Za-z0-9_.-]{0,63}$',
  words: 'a letter, then at most 63 letters, digits, _, . or -, and not "input"',
});
const layerName = text(64);

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

/** One layer of a network. */
export const layerForm = kinds(
  Object.fromEntries(layerKinds.map(({ kind, about, fields }) => [kind, { about, fields: { ...fields, ...wiring } }])),
) as Form<CheckedLayer> & { kinds: Kinds };

export const layersForm = list(layerForm, 1, limits.layers);

/** The whole file. */
export const networkForm = object({
  $schema: optional(text(2000), "This schema's address, for editors."),
  name: optional(name, "The network's name; by default the file's."),
  description: usually('', text(limits.nameLength), 'One line for a person who chooses.'),
  input: optional(triple(whole(1, 4096)), '[height, width, channels] of one image; by default what the data set has.'),
  layers: needed(layersForm, 'In order; each takes its input from layers before it.'),
  training: optional(networkTrainingForm, 'How it is trained.'),
});

/** The JSON Schema of network files. */
export const networkSchema = (): object => jsonSchema('A network for deepview-tui', networkForm);
