import { stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { fileError, readText } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';
import { printable } from '../../base/printable.ts';
import { pathText, ValidationError, type Path } from '../../base/schema/index.ts';
import { parsePlaced } from './json-places.ts';
import { loadModule, moduleEndings, reasonOf } from './load-module.ts';
import { checkNetwork, closeLayers, isOpenLayer, type NetworkFile } from './network-file.ts';
import { requireBuildable, type Where } from './resolve.ts';

const endings: readonly string[] = ['.json', ...moduleEndings];

/** Whether the name of a network means a file: there is a folder or one of the endings in it. */
export const isNetworkFile = (name: string): boolean =>
  /[/\\]/.test(name) || endings.includes(extname(name).toLowerCase());

/**
 * Reads and checks a network file: JSON, or a module whose default export is the same as an object. Loading a module
 * runs it.
 * @param source the file, as it was named
 * @param options `cwd` a relative one is resolved against; `allowModule` only where a person named the file just now
 * @throws DeepviewError exit code 2: `bad-network` or `impossible-network`, naming file, line, column and field, what it
 * must be and what it is; or what kept the file from being read
 */
export async function readNetworkFile(
  source: string,
  { cwd, allowModule }: { cwd: string; allowModule: boolean },
): Promise<NetworkFile> {
  const path = resolve(cwd, source);
  const ending = extname(path).toLowerCase();
  if (!endings.includes(ending)) {
    throw badNetwork(`${printable(source, 1000)} is no network file`, `Its name must end in ${endings.join(', ')}.`);
  }
  await requireFile(path, source);
  if (ending === '.json')
    return fromText(await readText(path, limits.networkFileBytes).catch(unreadable(path)), source);
  if (!allowModule) {
    throw badNetwork(
      `${printable(source, 1000)} is a module, which is only run when the command line names it`,
      'Name it as an argument of the command, or use a JSON file.',
    );
  }
  const { exported } = await loadModule(path, source);
  return fromModule(exported, source);
}

/** What a module exports may run code whenever it is looked at: getters and proxies do. */
function fromModule(exported: unknown, source: string): NetworkFile {
  try {
    return checked(exported, source, () => printable(source, 1000));
  } catch (thrown) {
    if (isOurs(thrown)) throw thrown;
    throw badNetwork(
      `${printable(source, 1000)} throws when its network is read: ${reasonOf(thrown)}`,
      'Export plain objects and lists, as JSON has them.',
    );
  }
}

/** Even looking at what foreign code threw may throw. */
function isOurs(thrown: unknown): boolean {
  try {
    return thrown instanceof DeepviewError;
  } catch {
    return false;
  }
}

function fromText(text: string, source: string): NetworkFile {
  // A byte-order mark is no part of the JSON.
  const content = text.replace(/^\ufeff/, '');
  const at = (offset: number): [number, number] => {
    const before = content.slice(0, offset).split('\n');
    return [before.length, before.at(-1)!.length + 1];
  };
  try {
    const { value, offsetOf } = parsePlaced(content);
    const file = checked(value, source, (path, what) =>
      [printable(source, 1000), ...at(offsetOf(path, what))].join(':'),
    );
    return { ...file, places: file.layers.map((_, layer) => at(offsetOf(['layers', layer]))) };
  } catch (thrown) {
    if (!(thrown instanceof ValidationError)) throw thrown;
    throw badNetwork(
      [printable(source, 1000), ...at(thrown.offset ?? 0)].join(':') + `: ${thrown.problem}`,
      thrown.hint,
    );
  }
}

/** Where the value or, if that is meant, the name of a field is written. */
type WhereWhat = (path: Path, what?: 'value' | 'key') => string;

function checked(value: unknown, source: string, where: WhereWhat): NetworkFile {
  try {
    const file: NetworkFile = { source, name: nameOf(source), ...checkNetwork(value) };
    requireWhatIsKnown(file, where);
    return file;
  } catch (thrown) {
    if (!(thrown instanceof ValidationError) || thrown.offset !== undefined) throw thrown;
    const place = where(thrown.path, thrown.isAboutKey ? 'key' : 'value');
    throw badNetwork(`${place}: ${pathText(thrown.path) || 'the network'} ${thrown.problem}`, thrown.hint);
  }
}

/** Finds what is impossible whatever the data set, while it is known where each field is written. */
function requireWhatIsKnown({ name, layers, input }: NetworkFile, where: Where): void {
  const isOpen = layers.slice(0, -2).some(isOpenLayer);
  const network = { name, inputShape: input ?? ([1, 1, 1] as const), layers: closeLayers(layers, 10) };
  requireBuildable(network, where, input && !isOpen ? 'all' : 'wiring');
}

async function requireFile(path: string, source: string): Promise<void> {
  const found = await stat(path).catch(unreadable(path));
  if (found.isDirectory())
    throw fileError(Object.assign(new Error(), { code: 'EISDIR' }), 'read', path, exitCodes.usage);
  if (!found.isFile()) throw badNetwork(`${printable(source, 1000)} is not a file`, 'Name a file of JSON or a module.');
  if (found.size <= limits.networkFileBytes) return;
  throw badNetwork(
    `${printable(source, 1000)} has ${found.size} bytes; network files have at most ${limits.networkFileBytes}`,
    'A network file holds layers and settings, no weights.',
  );
}

const unreadable =
  (path: string) =>
  (thrown: unknown): never => {
    throw fileError(thrown, 'read', path, exitCodes.usage);
  };

const badNetwork = (message: string, hint?: string): DeepviewError =>
  new DeepviewError('bad-network', message, { hint, exitCode: exitCodes.usage });

/** A network's name from that of its file. */
function nameOf(source: string): string {
  const bare = basename(source, extname(source)).replace(/[^A-Za-z0-9_.-]/g, '-');
  return (/^[A-Za-z]/.test(bare) && bare !== 'input' ? bare : `network-${bare}`).slice(0, 64);
}
