import type { NeuronFacets, NeuronPatches, Patch } from '../../engine/analysis/questions/messages.ts';
import { printable } from '../../engine/base/printable.ts';
import { patchWord, type LayerRecord, type RunHeader } from '../../engine/run/format.ts';
import type { Rgb } from '../../imaging/cells/cells.ts';
import { clusterColour, clusterMark } from '../layer/marks.ts';
import { facetsOf, neuronOf, patchesOf } from '../layer/explored.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { clamp } from '../model/steps.ts';

/** The layer whose neuron is open. */
export const layerOf = (state: ScreenState): LayerRecord | undefined =>
  shownRun(state).header?.network.layers[state.cursor.layer];

/** The classes whose activations can be told apart: none where the run has no labels. */
export function classesOf(state: ScreenState): readonly string[] {
  const { header } = shownRun(state);
  return header?.probe.labels ? header.dataset.classes : [];
}

/** A class's name, fit for the screen; its number where the run names no such class. */
export const className = (state: ScreenState, label: number): string =>
  printable(shownRun(state).header?.dataset.classes[label] ?? `class ${label}`, 24);

/** The class that the open neuron stands for, in the final layer. */
export const ownClass = (state: ScreenState): number | undefined =>
  classOfNeuron(shownRun(state).header, state.cursor.layer, neuronOf(state));

/** The facets, if they are of the patches that are shown. */
export function shownFacets(state: ScreenState): NeuronFacets | undefined {
  const facets = facetsOf(state);
  const patches = patchesOf(state);
  return facets && (!patches || patches.epoch === facets.epoch) ? facets : undefined;
}

/** The selected facet, if there is one so numbered. */
export function selectedFacet(state: ScreenState): number | undefined {
  const { facet } = state.neuron;
  const count = shownFacets(state)?.facets.length ?? 0;
  return facet !== undefined && facet < count ? facet : undefined;
}

/** The patches that the sheet shows, as indices into the neuron's: all of them, or those of the selected facet. */
export function listedPatches(state: ScreenState): ArrayLike<number> {
  const facet = selectedFacet(state);
  const members = facet === undefined ? undefined : shownFacets(state)?.facets[facet]?.patches;
  if (members) return members;
  const count = patchesOf(state)?.patches.length ?? 0;
  return Array.from({ length: count }, (_, index) => index);
}

/** The sheet's cursor: a position among the listed patches. */
export const patchCursor = (state: ScreenState): number =>
  clamp(state.neuron.patch, 0, listedPatches(state).length - 1);

/** Which images of the run the patches are of: training, validation or probe. */
export function patchPart(state: ScreenState): string {
  const { header } = shownRun(state);
  return header ? patchWord(header) : 'validation';
}

/** How often each class occurs among the listed patches, the most frequent first; empty where classes are unknown. */
export function classCounts(state: ScreenState): { label: number; count: number; share: number }[] {
  const patches = patchesOf(state)?.patches ?? [];
  return countClasses(
    patches,
    Array.from(listedPatches(state)).filter((index) => index in patches),
  );
}

export function countClasses(
  patches: readonly Patch[],
  members: readonly number[],
): { label: number; count: number; share: number }[] {
  const counts = new Map<number, number>();
  let known = 0;
  for (const index of members) {
    const label = patches[index]?.label ?? -1;
    if (label < 0) continue;
    counts.set(label, (counts.get(label) ?? 0) + 1);
    known++;
  }
  return Array.from(counts, ([label, count]) => ({ label, count, share: count / known })).sort(
    (one, other) => other.count - one.count || one.label - other.label,
  );
}

/** Colour (none without colours) and mark of a facet: those that clusters have on the layer's map. */
export const facetStyle = (state: ScreenState, facet: number): { colour: Rgb | undefined; mark: string } => ({
  colour: clusterColour(facet, state.theme),
  mark: clusterMark(facet, state.theme),
});

/** A facet's number as people count them. */
export const facetNumber = (facet: number): string => String(facet + 1);

/** Names the pixels of a picture of the open neuron. */
export function pictureKey(state: ScreenState, epoch: number, what: string): string {
  const run = shownRun(state).header?.id ?? '';
  return `${run} ${layerOf(state)?.index ?? 0}/${neuronOf(state)} epoch ${epoch} ${what}`;
}

/** The pictures that came with the patches, by the patch's index. */
export const picturesByPatch = ({
  pictured,
  pictures,
}: NeuronPatches): Map<number, NeuronPatches['pictures'][number]> =>
  new Map(pictured.flatMap((patch, index) => (pictures[index] ? [[patch, pictures[index]]] : [])));

type Named = Pick<RunHeader, 'network' | 'dataset'>;

/** The position of the final layer among the network's: the last with as many neurons as there are classes. */
export function finalLayer({ network, dataset }: Named): number | undefined {
  const place = network.layers.findLastIndex(({ units }) => units === dataset.classes.length);
  return place < 0 ? undefined : place;
}

/**
 * The class that a neuron stands for: those of the final layer do, in the order of the classes.
 * @param layer the layer's position, from 0
 */
export function classOfNeuron(header: Named | undefined, layer: number, neuron: number): number | undefined {
  return header && finalLayer(header) === layer && neuron < header.dataset.classes.length ? neuron : undefined;
}

/** `neuron 3`, in the final layer `neuron 3 = cat`. @param layer the layer's position, from 0 */
export function neuronTitle(header: Named | undefined, layer: number, neuron: number): string {
  const label = classOfNeuron(header, layer, neuron);
  const name = label === undefined ? undefined : header?.dataset.classes[label];
  return name === undefined ? `neuron ${neuron}` : `neuron ${neuron} = ${printable(name, 24)}`;
}
