import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import { cancelled, ProgressMeter, type StepContext } from '../../base/progress.ts';
import { readTar } from '../read-tar.ts';
import { batchNames, Cifar10Assembler, type Cifar10Content } from './assembler.ts';
import { bytesOf, type Cifar10Layout } from './layout.ts';

/**
 * Reads CIFAR-10 from the official archive, the npm archive, or a folder that either was unpacked to.
 * @throws DeepviewError `archive-damaged`, `archive-hostile`, `data-damaged` (exit code 4), `cancelled`, or a file error
 */
export async function readCifar10Source(
  path: string,
  layout: Cifar10Layout,
  context: Pick<StepContext, 'onProgress' | 'signal'>,
): Promise<Cifar10Content> {
  const assembler = new Cifar10Assembler(layout, path);
  const info = await stat(path).catch((error: unknown) => {
    throw fileError(error, 'read', path, exitCodes.unreadable);
  });
  if (info.isDirectory()) await addFolder(path, assembler, context);
  else await addArchive(path, assembler, layout, context);
  return assembler.finish();
}

async function addArchive(
  path: string,
  assembler: Cifar10Assembler,
  layout: Cifar10Layout,
  { onProgress, signal }: Pick<StepContext, 'onProgress' | 'signal'>,
): Promise<void> {
  const meter = new ProgressMeter({ label: 'unpacking CIFAR-10', unit: 'bytes', onProgress });
  const whole = bytesOf('train', layout) + bytesOf('validation', layout);
  let last = 0;
  const files = readTar(path, {
    wanted: (entry) => assembler.wanted(basename(entry)),
    bounds: { bytes: 2 * whole + 2 ** 22, entries: 1000 },
    signal,
    onRead: (done, total) => {
      if (last === 0) meter.startAt(0, total);
      meter.advance(done - last);
      last = done;
    },
  });
  for await (const { path: entry, content } of files) await assembler.add(basename(entry), content);
  meter.finish();
}

async function addFolder(
  path: string,
  assembler: Cifar10Assembler,
  { onProgress, signal }: Pick<StepContext, 'onProgress' | 'signal'>,
): Promise<void> {
  const folder = await findFolder(path);
  const names = await readdir(folder);
  // Where both forms lie side by side one is enough.
  const official = names.includes(`${batchNames[0]}.bin`);
  const needed = names.filter(
    (name) => assembler.wanted(name) !== undefined && !(official && /\.(png|json)$/.test(name)),
  );
  const meter = new ProgressMeter({ label: 'reading CIFAR-10', unit: 'items', total: needed.length, onProgress });
  for (const name of needed) {
    if (signal.aborted) throw cancelled('reading CIFAR-10');
    await assembler.add(name, await readBounded(join(folder, name), assembler.wanted(name)!));
    meter.advance(1);
  }
  meter.finish();
}

/** The folder itself, or the one inside it that the archives unpack to. */
async function findFolder(path: string): Promise<string> {
  for (const folder of [path, join(path, 'cifar-10-batches-bin'), join(path, 'package')]) {
    const names = await readdir(folder).catch((): string[] => []);
    if (names.includes(`${batchNames[0]}.bin`) || names.includes(`${batchNames[0]}.png`)) return folder;
  }
  throw new DeepviewError(
    'not-cifar10',
    `${printable(path, 1000)} holds no CIFAR-10: there is no ${batchNames[0]}.bin`,
    {
      hint: 'Name cifar-10-binary.tar.gz, or the folder that it unpacks to.',
      exitCode: exitCodes.unreadable,
    },
  );
}

async function readBounded(path: string, most: number): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const info = await file.stat();
      if (!info.isFile() || info.size > most) {
        throw new DeepviewError(
          'data-damaged',
          `${printable(path, 1000)} ${info.isFile() ? `has ${info.size} bytes, more than it should` : 'is no plain file'}`,
          { hint: 'Unpack the archive again.', exitCode: exitCodes.unreadable },
        );
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, 'read', path, exitCodes.unreadable);
  }
}
