import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventsOf, findRun, openRun, statusOf, writeStatus } from '../../../src/engine/run/index.ts';
import { parseHeader } from '../../../src/engine/run/header.ts';
import { listRuns, summariseRun } from '../../../src/engine/run/list.ts';
import { takeRequests } from '../../../src/engine/run/requests.ts';
import { surroundings } from '../../../src/engine/run/status.ts';
import { headerOf, temporary, writeRun } from './sample-run.ts';

test('runs are listed newest first, of equals the later id; what is no run is left out', async () => {
  const runs = await temporary();
  const began = { a: '2026-01-02', b: '2026-01-01', c: '2026-01-03', d: '2026-01-02' };
  for (const [id, day] of Object.entries(began)) {
    await writeRun(join(runs, id), { epochs: 1, header: headerOf({ id, createdAt: `${day}T12:00:00.000Z` }) });
  }
  await mkdir(join(runs, 'notes'));
  await writeFile(join(runs, 'readme.txt'), 'about');
  await mkdir(join(runs, 'broken'));
  await writeFile(join(runs, 'broken', 'run.json'), '{');
  const { runs: found, unreadable } = await listRuns(runs);
  expect(found.map(({ id }) => id)).toEqual(['c', 'd', 'a', 'b']);
  expect(unreadable.map(({ directory }) => directory)).toEqual([join(runs, 'broken')]);
  expect((await listRuns(join(runs, 'nowhere'))).runs).toEqual([]);
});

test('a summary has the first and the newest record, and the bytes of all its files', async () => {
  const run = join(await temporary(), 'run');
  await writeRun(run);
  const summary = await summariseRun(run);
  expect([summary.firstRecord?.number, summary.lastRecord?.number]).toEqual([1, 3]);
  expect(summary).toMatchObject({
    ...{ id: headerOf().id, network: 'tiny', dataset: 'shapes', createdAt: headerOf().createdAt, state: 'finished' },
    epochs: { done: 3, planned: 3 },
  });
  let bytes = 0;
  for (const entry of await readdir(run, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  expect(summary.bytes).toBe(bytes);
});

test('a run that is not known is answered with the newest of those that are', async () => {
  const runs = await temporary();
  const ids = Array.from({ length: 8 }, (_, at) => `2026010${at + 1}-1200-tiny-aaaa`);
  for (const id of ids) await writeRun(join(runs, id), { epochs: 0, header: headerOf({ id }) });
  const asked = (word: string) => findRun({ runs, cwd: runs }, word);
  const newest = ids.toReversed().slice(0, 6).join(', ');
  await expect(asked('nobody')).rejects.toMatchObject({
    ...{ code: 'unknown-run', exitCode: 4 },
    hint: `Runs there are: ${newest} and 2 more. A path to a run's directory works too.`,
  });
  await expect(asked('2026')).rejects.toMatchObject({
    ...{ code: 'ambiguous-run', exitCode: 4, hint: 'Give more of the id.' },
    message: `"2026" begins 8 runs: ${ids.slice(0, 6).join(', ')} and 2 more`,
  });
  expect(await asked('20260103')).toBe(join(runs, ids[2]));
  expect(await asked(`${ids[3]}/run.json`)).toBe(join(runs, ids[3]));
  await expect(asked(`${ids[3]}/epochs.jsonl`)).rejects.toMatchObject({ code: 'unknown-run' });
  const none = await temporary();
  await expect(findRun({ runs: none, cwd: none }, 'last')).rejects.toMatchObject({
    ...{ code: 'no-runs', exitCode: 4, hint: 'Train one: deepview-tui train' },
  });
  await expect(findRun({ runs: none, cwd: none }, 'nobody')).rejects.toMatchObject({
    hint: 'There are no runs yet; a path to a run directory works too.',
  });
});

test('a run that says nothing any more is opened with that notice, and one that does without', async () => {
  const run = join(await temporary(), 'run');
  await writeRun(run, { epochs: 2 });
  const noticesAt = async (later: number): Promise<string[]> => {
    const around = { ...surroundings, now: () => Date.now() + later, isGone: () => false };
    return eventsOf(await openRun(run, { around })).flatMap((event) => (event.type === 'notice' ? [event.text] : []));
  };
  await writeStatus(run, statusOf('running'));
  expect(await noticesAt(0)).toEqual([]);
  expect((await noticesAt(60_000)).join()).toMatch(/not heard of for (1 min 00 s|59 s|1 min 01 s)/i);
});

test('a header that says little is filled in', () => {
  const given = {
    format: 2,
    network: { name: 'mlp', layers: [{ name: 'fc', units: 2 }] },
    probe: { labels: [0, 2, 1, 2] },
  };
  const header = parseHeader(JSON.stringify(given), 'run.json', 'folder');
  expect(header).toMatchObject({
    ...{ id: 'folder', clock: 'epoch', program: { name: 'unknown', version: '' }, seed: 0 },
    dataset: { name: 'unknown', classes: ['0', '1', '2'], imageShape: [1, 1, 1], trainImages: 0, validationImages: 0 },
    network: { layers: [{ index: 1, name: 'fc', units: 2 }] },
  });
});

test('requests are taken once, in their order, and what is none is taken away too', async () => {
  const run = await temporary();
  expect(await takeRequests(run)).toEqual([]);
  const folder = join(run, 'requests');
  await mkdir(folder);
  await writeFile(join(folder, '.new.json'), '{"request":"pause"}');
  await writeFile(join(folder, 'notes.txt'), '{"request":"pause"}');
  await writeFile(join(folder, 'a.json'), '{"request":"dance"}');
  await writeFile(join(folder, 'b.json'), '{"request":"stop-now","writer":"an earlier one"}');
  await writeFile(join(folder, 'c.json'), '{"request":"pause"}');
  expect(await takeRequests(run)).toEqual(['pause']);
  expect((await readdir(folder)).sort()).toEqual(['.new.json', 'notes.txt']);
  expect(await takeRequests(run)).toEqual([]);
});
