import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeSafetensors, type NumericArray, type TensorToWrite } from '../arrays/index.ts';
import { DeepviewError, exitCodes } from '../base/errors.ts';
import { fileError } from '../base/files.ts';
import { makeDirectoryInside, requireNoLink, writeFileAtomically } from '../base/write-files.ts';
import { isShipped } from '../base/program-files.ts';
import type { NeuronMetrics } from '../metrics/index.ts';
import { tensorName } from './epoch-data.ts';
import type { FileChecksum } from './epoch-line.ts';
import { withEpochFile } from './epoch-reader.ts';
import type { RunHeader, RunRecord } from './format.ts';
import { runFiles, runFolders } from './layout.ts';

/** What was found of a record that its line does not say. */
interface Found {
  /** What identifies the file that it was found in. */
  mark: string;
  /** Values of layers: stored with the neurons, or computed. */
  layers: RunRecord['layers'];
  /** Of each layer what was computed; absent where there was no room to keep it. */
  neurons?: NeuronMetrics[];
}

/** What is said of a run in which what is computed cannot be kept, since a link has the place of it. */
export async function linkNotice(directory: string): Promise<string | undefined> {
  for (const name of [runFolders.computed, runFolders.cache]) {
    const thrown = await requireNoLink(join(directory, name)).catch((refusal: unknown) => refusal);
    if (thrown instanceof DeepviewError) return `${thrown.message}: what is computed is kept in memory`;
  }
  return undefined;
}

/** Bytes of neurons' metrics that are kept; of larger runs only the layers' values are. */
const mostBytes = 64 * 2 ** 20;

/**
 * What a reader found of a run's records, kept beside the run in one file for all of them. It only saves time: what is
 * missing, damaged, of other metrics or of files that have changed since is found again, and a run that cannot be written
 * to, or has a link there, is left alone.
 */
export class ComputedMetrics {
  readonly #directory: string;
  readonly #header: RunHeader;
  readonly #wanted: string;
  #found: Promise<Map<number, Found>> | undefined;
  #added = 0;

  /** @param wanted ids of the metrics that can be computed: what was found when there were others is not enough */
  constructor(directory: string, header: RunHeader, wanted: readonly string[]) {
    this.#directory = directory;
    this.#header = header;
    this.#wanted = wanted.join();
  }

  /** What was found of a record, unless its file has changed since. @param checksum of the file, where the line has it */
  async read(number: number, checksum: FileChecksum | undefined): Promise<Found | undefined> {
    const found = (await this.#all()).get(number);
    return found && found.mark === (await this.#mark(number, checksum)) ? found : undefined;
  }

  async add(number: number, checksum: FileChecksum | undefined, found: Omit<Found, 'mark'>): Promise<void> {
    (await this.#all()).set(number, { ...found, mark: await this.#mark(number, checksum) });
    this.#added++;
  }

  /** Writes what was added since. @param more whether more is to come: it is then written once that is worth it */
  async keep(more = false): Promise<void> {
    const all = await this.#all();
    if (this.#added === 0 || (more && this.#added * 8 < all.size) || isShipped(this.#directory)) return;
    this.#added = 0;
    try {
      await makeDirectoryInside(this.#directory, runFolders.computed);
      await writeFileAtomically(runFiles.computed(this.#directory), this.#encoded(all), {
        durable: false,
      });
    } catch (thrown) {
      const { code } = fileError(thrown, 'write', this.#directory);
      if (!['no-permission', 'disk-full', 'is-a-link'].includes(code)) throw thrown;
    }
  }

  #all(): Promise<Map<number, Found>> {
    return (this.#found ??= withEpochFile(runFiles.computed(this.#directory), async ({ tensors, metadata, read }) => {
      if (metadata.get('wanted') !== this.#wanted) return new Map<number, Found>();
      const arrays = new Map<string, NumericArray>();
      for (const name of tensors.keys()) arrays.set(name, await read(name));
      const marks = JSON.parse(metadata.get('marks') ?? '[]') as unknown;
      return this.#decoded(arrays, Array.isArray(marks) ? marks : [], metadata.get('neurons') === 'true');
    }).catch((thrown: unknown) => {
      if (thrown instanceof DeepviewError || thrown instanceof SyntaxError) return new Map<number, Found>();
      throw thrown;
    }));
  }

  async #mark(number: number, checksum: FileChecksum | undefined): Promise<string> {
    if (checksum) return `${checksum.bytes} ${checksum.crc32}`;
    const path = runFiles.epochData(this.#directory, number);
    try {
      const { size, mtimeMs } = await stat(path);
      return `${size} at ${mtimeMs}`;
    } catch (thrown) {
      const error = fileError(thrown, 'read', path, exitCodes.unreadable);
      if (error.code === 'not-found') return '';
      throw error;
    }
  }

  /** `numbers` [R], of each metric the layers' values [R, L] and of each layer the neurons' [R, C]; NaN where none is. */
  #encoded(all: ReadonlyMap<number, Found>): Uint8Array[] {
    const numbers = [...all.keys()].sort((a, b) => a - b);
    const records = numbers.map((number) => all.get(number) as Found);
    const { layers } = this.#header.network;
    const tensors = new Map<string, TensorToWrite>();
    const table = (name: string, columns: number): Float64Array => {
      const known = tensors.get(name);
      if (known) return known.data as Float64Array;
      const data = new Float64Array(numbers.length * columns).fill(Number.NaN);
      tensors.set(name, { type: 'float64', shape: [numbers.length, columns], data });
      return data;
    };
    tensors.set('numbers', { type: 'float64', shape: [numbers.length], data: Float64Array.from(numbers) });
    let bytes = 0;
    for (const { neurons = [] } of records) {
      for (const metrics of neurons) for (const values of Object.values(metrics)) bytes += values.byteLength;
    }
    records.forEach((record, row) => {
      for (const [id, values] of Object.entries(record.layers)) {
        const target = table(tensorName(0, id), layers.length);
        values.forEach((value, place) => (target[row * layers.length + place] = value ?? Number.NaN));
      }
      for (const [place, metrics] of (bytes > mostBytes ? [] : (record.neurons ?? [])).entries()) {
        const { index, units } = layers[place];
        for (const [id, values] of Object.entries(metrics))
          table(tensorName(index, id), units).set(values, row * units);
      }
    });
    const marks = JSON.stringify(records.map(({ mark }) => mark));
    return encodeSafetensors(tensors, { wanted: this.#wanted, marks, neurons: String(bytes <= mostBytes) });
  }

  #decoded(
    arrays: ReadonlyMap<string, NumericArray>,
    marks: readonly unknown[],
    hasNeurons: boolean,
  ): Map<number, Found> {
    const { layers } = this.#header.network;
    const rows = arrays.get('numbers')?.data;
    // What another program wrote there.
    if (!rows || ![...arrays.values()].every(({ data }) => data instanceof Float64Array)) return new Map();
    const numbers = Array.from(rows as Float64Array);
    const all = numbers.map((_, row): Found => ({
      mark: String(marks[row]),
      layers: {},
      ...(hasNeurons && { neurons: layers.map(() => ({})) }),
    }));
    for (const [name, { shape, data }] of arrays) {
      const [, layer, id] = /^(\d+)\.(.+)$/s.exec(name) ?? [];
      if (id === undefined) continue;
      const columns = layer === '0' ? layers.length : layers[Number(layer) - 1]?.units;
      if (shape.join() !== `${numbers.length},${columns}`) return new Map();
      all.forEach((found, row) => {
        const values = (data as Float64Array).slice(row * columns, (row + 1) * columns);
        if (values.every(Number.isNaN)) return;
        if (layer === '0') {
          found.layers = { ...found.layers, [id]: Array.from(values, (value) => (Number.isNaN(value) ? null : value)) };
        } else if (found.neurons) {
          found.neurons[Number(layer) - 1] = { ...found.neurons[Number(layer) - 1], [id]: values };
        }
      });
    }
    return new Map(numbers.map((number, row) => [number, all[row]]));
  }
}
