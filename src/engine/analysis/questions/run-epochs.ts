import { stat } from 'node:fs/promises';
import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import type { NeuronMetrics, Samples } from '../../metrics/index.ts';
import type { EpochLine } from '../../run/epoch-line.ts';
import type { LayerRecord, RunHeader } from '../../run/format.ts';
import { runFiles } from '../../run/layout.ts';
import { epochReader, type EpochReader } from '../../run/reader.ts';
import { readHeader, readRecords } from '../../run/records.ts';

/** A run's epochs, also those that are committed while it is looked at. */
export class RunEpochs {
  readonly directory: string;
  readonly header: RunHeader;
  /** Committed and readable, ascending. */
  readonly epochs: number[] = [];
  readonly #reader: EpochReader;
  readonly #lines = new Map<number, EpochLine>();
  #read = { bytes: 0, lineCount: 0 };
  #refreshing: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, header: RunHeader) {
    this.directory = directory;
    this.header = header;
    this.#reader = epochReader(directory, header);
  }

  /** @throws DeepviewError exit code 4 if the directory holds no readable run */
  static async open(directory: string): Promise<RunEpochs> {
    return new RunEpochs(directory, await readHeader(directory));
  }

  /** Reads what was committed since the last look. Damaged lines end the reading; the epochs before them stay. */
  refresh(): Promise<void> {
    const next = this.#refreshing.then(() => this.#refresh());
    this.#refreshing = next.catch(() => undefined);
    return next;
  }

  async #refresh(): Promise<void> {
    const { lines, problem, ...read } = await readRecords(this.directory, this.header, this.#read);
    for (const line of lines) {
      this.#reader.add(line);
      const { number } = line.record;
      while ((this.epochs.at(-1) ?? -1) >= number) this.#lines.delete(this.epochs.pop() as number);
      this.#lines.set(number, line);
      this.epochs.push(number);
    }
    this.#read = read;
    if (problem && this.epochs.length === 0) throw problem;
  }

  /**
   * A layer, counted from 1, which has the neuron that is asked about.
   * @throws DeepviewError `unknown-layer`, `unknown-neuron`
   */
  layer(index: number, neuron = 0): LayerRecord {
    const layer = this.header.network.layers[index - 1];
    if (!layer)
      throw new DeepviewError('unknown-layer', `the run has no layer ${index}`, { exitCode: exitCodes.usage });
    if (Number.isInteger(neuron) && neuron >= 0 && neuron < layer.units) return layer;
    throw new DeepviewError('unknown-neuron', `layer ${layer.index} has no neuron ${neuron}`, {
      hint: `Its neurons are numbered 0 to ${layer.units - 1}.`,
      exitCode: exitCodes.usage,
    });
  }

  /** The metrics of a layer's neurons. @throws DeepviewError naming the file, if it is gone or damaged */
  neurons(epoch: number, layer: LayerRecord): Promise<NeuronMetrics> {
    return this.#reader.neurons(epoch, layer.index);
  }

  /** The newest epoch, at most `epoch`, that keeps the layer's samples. @throws DeepviewError `no-samples` */
  async sampledEpoch(epoch: number, layer: LayerRecord): Promise<number> {
    if (!this.#lines.has(epoch)) await this.refresh();
    return this.#reader.sampledEpoch(epoch, layer.index);
  }

  /** [probe images, neurons] row-major. @throws DeepviewError naming the file, if it is gone or damaged */
  async samples(epoch: number, layer: LayerRecord): Promise<Samples['values']> {
    if (!this.#lines.has(epoch)) await this.refresh();
    return this.#reader.samples(epoch, layer.index);
  }

  /** Whether the samples of a layer at an epoch are of the probe's images, one by one: quantiles are of none. */
  async keepsImages(epoch: number, layer: LayerRecord): Promise<boolean> {
    if (!this.#lines.has(epoch)) await this.refresh();
    return this.#reader.keepsImages(epoch, layer.index);
  }

  /** What identifies the content of an epoch's file, for keeping what was computed from it. */
  async mark(epoch: number): Promise<string> {
    const checksum = this.#lines.get(epoch)?.data;
    if (checksum) return `${checksum.bytes} ${checksum.crc32}`;
    const path = runFiles.epochData(this.directory, epoch);
    const { size, mtimeMs } = await stat(path).catch((thrown: unknown) => {
      throw fileError(thrown, 'read', path, exitCodes.unreadable);
    });
    return `${size} at ${mtimeMs}`;
  }
}
