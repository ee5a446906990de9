import { resolve } from 'node:path';
import { formatBytes } from '../engine/base/byte-size.ts';
import { catalogue } from '../engine/data/catalogue.ts';
import { listKept, sizeOfAll, removeKept, removeLeftover, type Kept } from '../engine/data/store/kept.ts';
import { isInUse } from '../engine/data/store/leases.ts';
import { DeepviewError, exitCodes, misuse, type ExitCode } from '../engine/base/errors.ts';
import type { Paths } from '../engine/base/paths.ts';
import { formatAge } from '../engine/base/progress.ts';
import { printable } from '../engine/base/printable.ts';
import { formatTable, printJson, printLine, printNotice, type CommandContext } from './common.ts';
import { confirmed } from './confirm.ts';

type KeptContext = Pick<CommandContext, 'json' | 'stdin' | 'stdout' | 'stderr' | 'signal' | 'paths' | 'cwd'>;

/** What is to be deleted: kept images, or a whole data set of the catalogue. */
type Removable = Pick<Kept, 'id' | 'path' | 'bytes' | 'inUse' | 'name'> & { kind: Kept['kind'] | 'data set' };

/** What `--json` says of one. */
export const keptJson = ({ usedAt, ...kept }: Kept): object => ({
  ...kept,
  usedAt: new Date(usedAt).toISOString(),
});

/** A line for each thing that is kept, and their sum; none where there is nothing. */
export function keptLines(kept: readonly Kept[], now: number): string[] {
  if (kept.length === 0) return [];
  const rows = kept.map((each) => [
    each.id.slice(0, shownId),
    each.kind,
    printable(each.name ?? '-', 40),
    each.imageShape?.join('x') ?? '-',
    (each.images === undefined ? '-' : String(each.images)).padStart(6),
    formatBytes(each.bytes).padStart(8),
    each.inUse ? 'in use' : `used ${formatAge((now - each.usedAt) / 1000)} ago`,
    printable(each.source ?? '', 200),
  ]);
  const total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    `Kept of them, ready for the next training (${formatBytes(total)}; data prune deletes what is old):`,
    ...formatTable(rows),
  ];
}

const shownId = 12;
/** Fewer characters of an id are more likely a slip. */
const leastId = 4;

export interface KeptRemovalOptions {
  /** Do not ask. */
  yes: boolean;
}

/**
 * `data rm`: deletes data sets of the catalogue, what is kept of them or of a folder or file, or single ones by id.
 * @throws DeepviewError `not-kept` (usage) for what is not there, `data-in-use`, `needs-yes`: then nothing is deleted
 */
export async function dataRemove(
  options: KeptRemovalOptions & { names: readonly string[] },
  context: KeptContext,
): Promise<ExitCode> {
  const kept = await listKept(context.paths);
  const chosen = new Map<string, Removable>();
  for (const word of options.names) {
    const found = [...(await fetchedAs(word, context.paths)), ...keptAs(word, kept, context.cwd)];
    if (found.length === 0) {
      throw misuse(
        'not-kept',
        `Nothing of ${printable(word, 200)} is kept.`,
        'See what is, with names and ids: deepview-tui data list',
      );
    }
    for (const each of found) chosen.set(each.path, each);
  }
  const used = [...chosen.values()].find(({ inUse }) => inUse);
  if (used) throw inUseError(used);
  return removeAll([...chosen.values()], options, context);
}

const inUseError = ({ path }: Removable): DeepviewError =>
  new DeepviewError('data-in-use', `${printable(path, 1000)} is in use; nothing was deleted`, {
    hint: 'Wait for the training that uses it, or stop it: deepview-tui runs list',
  });

/** A data set of the catalogue as it was fetched. */
async function fetchedAs(word: string, paths: Paths): Promise<Removable[]> {
  const entry = catalogue.find(({ name }) => name === word);
  const path = entry?.store?.directory(paths);
  if (entry === undefined || path === undefined) return [];
  const { bytes } = await sizeOfAll(path);
  if (bytes === 0) return [];
  return [{ id: entry.name, kind: 'data set', path, bytes, inUse: await isInUse(path), name: entry.name }];
}

/** What is kept under a name of the catalogue, of a place, or with an id that begins so. */
function keptAs(word: string, kept: readonly Kept[], cwd: string): Kept[] {
  const place = resolve(cwd, word);
  const isName = catalogue.some(({ name }) => name === word);
  const own = kept.filter(({ name, source }) => source === place || (isName && source === undefined && name === word));
  if (own.length > 0) return own;
  return word.length >= leastId ? kept.filter(({ id }) => id.startsWith(word)) : [];
}

/**
 * `data prune`: deletes images kept for trainings to come, that none has used for some days, and what was left half
 * done. Data sets that were fetched stay.
 * @throws DeepviewError `needs-yes`
 */
export async function dataPrune(
  { older = usualDays, dryRun, yes }: KeptRemovalOptions & { older?: number | undefined; dryRun: boolean },
  context: KeptContext,
  now: () => number = Date.now,
): Promise<ExitCode> {
  const kept = await listKept(context.paths, now);
  const old = kept.filter((each) => !each.inUse && now() - each.usedAt >= older * 86_400_000);
  if (!dryRun) return removeAll(old, { yes }, context);
  if (context.json) printJson(context, { format: 1, wouldRemove: old.map(removedJson) });
  else if (old.length === 0) printLine(context, 'There is nothing to delete.');
  else {
    for (const line of keptLines(old, now()).slice(1)) printLine(context, line);
    printLine(context, `These ${formatBytes(bytesOf(old))} would be deleted.`);
  }
  return exitCodes.done;
}

/** Days after which kept images count as no longer needed. */
const usualDays = 30;

const bytesOf = (all: readonly Removable[]): number => all.reduce((sum, { bytes }) => sum + bytes, 0);
const removedJson = ({ id, kind, name, path, bytes }: Removable): object => ({
  id,
  kind,
  ...(name !== undefined && { name }),
  path,
  bytes,
});

async function removeAll(
  all: readonly Removable[],
  { yes }: KeptRemovalOptions,
  context: KeptContext,
): Promise<ExitCode> {
  const question = `Delete ${listed(all)} (${formatBytes(bytesOf(all))})? [y/N] `;
  if (all.length > 0 && !yes && !(await confirmed(question, context))) {
    printLine(context, 'Nothing was deleted.');
    return exitCodes.done;
  }
  const removed: Removable[] = [];
  for (const each of all) {
    const isGone =
      each.kind === 'leftover' ? await removeLeftover(each.path) : await removeKept(each.path, context.signal);
    if (isGone) removed.push(each);
    else printNotice(context, `kept: ${printable(each.path, 1000)} is in use`);
  }
  if (context.json) printJson(context, { format: 1, removed: removed.map(removedJson) });
  else if (removed.length === 0) printLine(context, 'There is nothing to delete.');
  else printLine(context, `Deleted ${listed(removed)}, ${formatBytes(bytesOf(removed))}.`);
  return exitCodes.done;
}

const listed = (all: readonly Removable[]): string =>
  all.length <= 5
    ? all
        .map(({ id, name, kind }) =>
          kind === 'data set' ? id : `${printable(name ?? id.slice(0, shownId), 40)} (${kind})`,
        )
        .join(', ')
    : `${all.length} things`;
