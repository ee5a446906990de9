import { exitCodes } from '../../base/errors.ts';
import { fileError, readText } from '../../base/files.ts';
import { Field } from './json-field.ts';
import { limits } from '../../base/limits.ts';
import { badModel, unsupported } from './refusal.ts';

/** A model.json, of which nothing but its outermost form is checked. */
export interface ModelFile {
  path: string;
  /** The model as Keras describes one: `class_name` and `config`. */
  model: Field;
  /** How it was compiled, if it says so: optimiser and loss. */
  training: Field;
  /** The groups of weights and the files that they are in. */
  manifest: Field;
}

/** Whether a JSON value is a model saved for TensorFlow.js, and not one of this program's network files. */
export const isKerasModel = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'modelTopology');

/**
 * Reads a model.json of the layers format, as TensorFlow.js saves it and as its converter writes it.
 * @throws DeepviewError `bad-keras-model` or `unsupported-keras-model`, or for a file that cannot be read (exit code 4)
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  let text: string;
  try {
    text = await readText(path, limits.jsonBytes, (problem) => badModel(path, problem));
  } catch (thrown) {
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  }
  let root: Field;
  try {
    root = new Field(JSON.parse(text), path);
  } catch (thrown) {
    throw badModel(path, 'it is not JSON', undefined, thrown);
  }
  const topology = root.get('modelTopology');
  if (root.get('format').value === 'graph-model' || (topology.present && topology.get('node').present)) {
    throw unsupported(
      path,
      'it is a graph model, which has operations but no layers',
      'Convert the Keras model again: tensorflowjs_converter --output_format=tfjs_layers_model.',
    );
  }
  if (!topology.present) {
    throw badModel(path, 'it has weights but no modelTopology', 'Save the whole model, not its weights alone.');
  }
  const converted = topology.get('model_config');
  return {
    path,
    model: converted.present ? converted : topology,
    training: root.get('trainingConfig').present ? root.get('trainingConfig') : topology.get('training_config'),
    manifest: root.get('weightsManifest'),
  };
}
