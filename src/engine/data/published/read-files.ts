import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { unreadable, type DeepviewError } from '../../base/errors.ts';
import { statOf, withFile } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import { ProgressMeter, type StepContext } from '../../base/progress.ts';
import { readTar } from '../../transfer/read-tar.ts';

export interface FilesToRead {
  /** The data set, for progress and messages. */
  title: string;
  /**
   * The forms in which it is had: the names of files, without their folders, and the most bytes that each may have. Of a
   * folder the first form is read of which there is a file, of an archive whatever there is.
   */
  forms: readonly Readonly<Record<string, number>>[];
  /** Folders that archives unpack to; looked for within the given one. */
  folders: readonly string[];
  /** Bytes that an archive may unpack to. */
  bytes: number;
  /** The error for a folder that holds no file of any form. */
  nothing: (folder: string) => DeepviewError;
}

/**
 * Reads files of a data set from an archive or from a folder that it was unpacked to.
 * @returns by their names; whether all are there is for the caller to see
 * @throws DeepviewError `archive-damaged`, `archive-hostile`, `data-damaged` (exit code 4), `cancelled`, a file error, or
 *   `nothing`'s
 */
export async function readFiles(
  path: string,
  files: FilesToRead,
  context: Pick<StepContext, 'onProgress' | 'signal'>,
): Promise<Map<string, Buffer>> {
  const info = await statOf(path);
  return info.isDirectory() ? readFolder(path, files, context) : readArchive(path, files, context);
}

async function readArchive(
  path: string,
  { title, forms, bytes }: FilesToRead,
  { onProgress, signal }: Pick<StepContext, 'onProgress' | 'signal'>,
): Promise<Map<string, Buffer>> {
  const most = new Map(forms.flatMap((form) => Object.entries(form)));
  const content = new Map<string, Buffer>();
  const meter = new ProgressMeter({ label: `unpacking ${title}`, unit: 'bytes', onProgress });
  let last = 0;
  const entries = readTar(path, {
    wanted: (entry) => most.get(basename(entry)),
    bounds: { bytes, entries: 1000 },
    signal,
    onRead: (done, total) => {
      if (last === 0) meter.startAt(0, total);
      meter.advance(done - last);
      last = done;
    },
  });
  for await (const entry of entries) content.set(basename(entry.path), entry.content);
  meter.finish();
  return content;
}

async function readFolder(
  path: string,
  { title, forms, folders, nothing }: FilesToRead,
  context: Pick<StepContext, 'onProgress' | 'signal'>,
): Promise<Map<string, Buffer>> {
  for (const folder of [path, ...folders.map((name) => join(path, name))]) {
    const names = await readdir(folder).catch((): string[] => []);
    const form = forms.find((each) => names.some((name) => Object.hasOwn(each, name)));
    if (!form) continue;
    const wanted = Object.entries(form).filter(([name]) => names.includes(name));
    const content = new Map<string, Buffer>();
    const meter = new ProgressMeter({ label: `reading ${title}`, unit: 'items', total: wanted.length, ...context });
    for (const [name, most] of wanted) {
      content.set(name, await readWhole(join(folder, name), most));
      meter.advance(1);
    }
    meter.finish();
    return content;
  }
  throw nothing(path);
}

const readWhole = (path: string, most: number): Promise<Buffer> =>
  withFile(path, async (file) => {
    const { size } = await file.stat();
    if (size <= most) return file.readFile();
    const why = `has ${size} bytes, more than it should`;
    throw unreadable('data-damaged', `${printable(path, 1000)} ${why}`, 'Unpack the archive again.');
  });
