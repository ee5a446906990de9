import { placesOf } from '../../engine/analysis/average-features.ts';
import { picturesOf } from '../../engine/analysis/questions/pictures.ts';
import { openRunImages } from '../../engine/analysis/run-images.ts';
import { loadSharp } from '../../engine/data/images/sharp.ts';
import { DeepviewError } from '../../engine/base/errors.ts';
import { patchWord } from '../../engine/run/format.ts';
import { printable } from '../../engine/base/printable.ts';
import { newestFeatures, noFeatures, readFeatures, runWord } from '../../engine/run/index.ts';
import type { Raster } from '../../imaging/cells/cells.ts';
import { contactSheet } from '../../imaging/pictures/fit.ts';
import type { Exported, NeuronExportTask } from './exporters.ts';

// Smaller patches are enlarged by a whole factor to about this many pixels a side.
const comfortable = 32;

/**
 * The strongest patches of a neuron, up to 1 000, as a contact sheet (PNG): row by row, the strongest first, in
 * their own pixels or a whole multiple. They are of the newest epoch with patches that is not after the one named.
 * @throws DeepviewError `no-features`; `dead-neuron` (exit code 1) for one that
 *   no image activates; what opening the run's images throws
 */
export async function encode({ run, epoch: until = 0, place, paths }: NeuronExportTask): Promise<Exported> {
  const { directory, header } = run;
  const { layer, neuron } = place;
  const epoch = await newestFeatures(directory, until);
  if (epoch === undefined) throw noFeatures(header, until, runWord(directory, paths.runs));
  const at = `${header.clock} ${epoch}`;
  const places = placesOf(await readFeatures(directory, header, epoch, layer), neuron);
  if (places.length === 0) {
    throw new DeepviewError('dead-neuron', `no ${patchWord(header)} image activates neuron ${neuron} at ${at}`, {
      hint: `It has no patches then; name an earlier ${header.clock} with --epoch.`,
    });
  }
  const images = await openRunImages(directory, header, paths);
  const sheet = sheetOf(picturesOf(images, layer.receptiveField, places));
  const { width, height, channels, pixels } = sheet;
  const sharp = await loadSharp();
  const file = await sharp(pixels, { raw: { width, height, channels: channels === 1 ? 1 : 3 } })
    .png()
    .toBuffer();
  const what = `${places.length} patches of neuron ${neuron} of layer ${layer.index} (${printable(layer.name, 60)})`;
  return {
    content: [file],
    text: `${what}, ${at}, ${width}x${height} pixels`,
    facts: { layer: layer.index, neuron, epoch, patches: places.length, width, height },
  };
}

/** As nearly square as whole rows allow. @param patches all of one size */
function sheetOf(patches: readonly Raster[]): Raster {
  const { width, height } = patches[0];
  const factor = Math.max(1, Math.floor(comfortable / Math.max(width, height)));
  const tile = { width: factor * width, height: factor * height };
  return contactSheet(patches, Math.ceil(Math.sqrt(patches.length)), tile);
}
