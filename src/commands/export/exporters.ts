import type { Paths } from '../../engine/base/paths.ts';
import type { OpenRun } from '../../engine/run/open.ts';
import type { RunPlace } from '../run-place.ts';

/** What an exporter is given. */
export interface ExportTask {
  run: OpenRun;
  /** The epoch that is meant; undefined where the run has none yet. */
  epoch: number | undefined;
  paths: Paths;
}

/** The same for one that writes something of one neuron. */
export interface NeuronExportTask extends ExportTask {
  place: Required<RunPlace>;
}

/** A file's content, and what to say of it. */
export interface Exported {
  content: string | readonly Uint8Array[];
  /** One line for users. */
  text: string;
  /** For `--json`. */
  facts: Readonly<Record<string, unknown>>;
}

/** The file of an exporter. */
interface Encoder<Task> {
  encode: (task: Task) => Promise<Exported>;
}

/** One thing that a run can leave as. */
export type Exporter = {
  name: string;
  /** What is written, for help. */
  summary: string;
  /** What its files end in. */
  ending: string;
  /** The epoch that is meant where none is named. */
  epochDefault: 'best' | 'last';
} & (
  | { place?: undefined; load: () => Promise<Encoder<ExportTask>> }
  /** `place`: an example of the LAYER/NEURON that must be named. */
  | { place: string; load: () => Promise<Encoder<NeuronExportTask>> }
);

/** Everything that `export RUN` can write: the command line, its help and the documentation are made from it. */
export const exporters: readonly Exporter[] = [
  {
    name: 'weights',
    summary:
      'a safetensors file with the names and layouts of PyTorch (docs/weights.md), which `train --weights` reads too. ' +
      'A run keeps the weights of its best and of its latest two epochs.',
    ending: '.safetensors',
    epochDefault: 'best',
    load: () => import('./weights.ts'),
  },
  {
    name: 'patches',
    summary:
      'the strongest patches of a neuron, up to 1 000, as a contact sheet (PNG), the strongest first, of the newest ' +
      'epoch with patches that is not after the one named.',
    ending: '.png',
    place: '4/17',
    epochDefault: 'last',
    load: () => import('./patches.ts'),
  },
];
