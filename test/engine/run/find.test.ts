import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findRun, listRuns } from '../../../src/engine/run/index.ts';
import { newRunId } from '../../../src/engine/training/plan.ts';
import { headerOf, temporary, writeRun } from './sample-run.ts';

async function someRuns(): Promise<string> {
  const runs = await temporary();
  for (const [id, createdAt] of [
    ['20260101-1200-lenet-aaaa', '2026-01-01T12:00:00.000Z'],
    ['20260102-1200-lenet-bbbb', '2026-01-03T12:00:00.000Z'],
    ['20260102-1300-shallow-cccc', '2026-01-02T13:00:00.000Z'],
  ]) {
    await writeRun(join(runs, id), { epochs: 1, header: headerOf({ id, createdAt }) });
  }
  await mkdir(join(runs, 'not-a-run'));
  await writeFile(join(runs, 'notes.txt'), 'mine');
  return runs;
}

test('a run is found by path, id, unique beginning and as the last', async () => {
  const runs = await someRuns();
  const at = (id: string): string => join(runs, id);
  const find = (word: string): Promise<string> => findRun({ runs, cwd: runs }, word);
  expect(await find(at('20260101-1200-lenet-aaaa'))).toBe(at('20260101-1200-lenet-aaaa'));
  expect(await find('./20260101-1200-lenet-aaaa/run.json')).toBe(at('20260101-1200-lenet-aaaa'));
  expect(await findRun({ runs, cwd: '/' }, '20260102-1300-shallow-cccc')).toBe(at('20260102-1300-shallow-cccc'));
  expect(await find('20260101')).toBe(at('20260101-1200-lenet-aaaa'));
  expect(await find('last')).toBe(at('20260102-1200-lenet-bbbb'));
});

test('what is not found, or not sure, is said with the candidates', async () => {
  const runs = await someRuns();
  const find = (word: string): Promise<string> => findRun({ runs, cwd: '/' }, word);
  await expect(find('20260102')).rejects.toMatchObject({
    code: 'ambiguous-run',
    exitCode: 4,
    message: '"20260102" begins 2 runs: 20260102-1200-lenet-bbbb, 20260102-1300-shallow-cccc',
  });
  await expect(find('nothing\u001b[31m')).rejects.toMatchObject({
    code: 'unknown-run',
    message: 'there is no run "nothing\ufffd[31m"',
    hint: expect.stringContaining('20260101-1200-lenet-aaaa'),
  });
  await expect(find('')).rejects.toMatchObject({ code: 'unknown-run' });
  // What would change a run may not have the demo; what only looks gets it, where it is.
  await expect(find('demo')).rejects.toMatchObject({ code: 'demo-is-read-only', exitCode: 2 });
  const demo = join(runs, '20260101-1200-lenet-aaaa');
  expect(await findRun({ runs, demo }, 'demo')).toBe(demo);
  const absent = join(runs, 'not-a-run');
  await expect(findRun({ runs, demo: absent }, 'demo')).rejects.toMatchObject({ code: 'no-demo', exitCode: 4 });
  await expect(findRun({ runs: join(runs, 'not-a-run') }, 'last')).rejects.toMatchObject({ code: 'no-runs' });
});

test('the last run is not said to be missing where it cannot be read', async () => {
  const runs = await temporary();
  await mkdir(join(runs, 'broken'));
  await writeFile(join(runs, 'broken', 'run.json'), '{');
  await expect(findRun({ runs, cwd: '/' }, 'last')).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining(join('broken', 'run.json')),
  });
});

test('the list is newest first, and names what is unreadable', async () => {
  const runs = await someRuns();
  await mkdir(join(runs, 'broken'));
  await writeFile(join(runs, 'broken', 'run.json'), '{');
  const list = await listRuns(runs);
  expect(list.runs.map((run) => run.id.slice(-4))).toEqual(['bbbb', 'cccc', 'aaaa']);
  expect(list.runs[0]).toMatchObject({ state: 'stopped', epochs: { done: 1, planned: 3 }, bestTop1Error: 0.6 });
  expect(list.unreadable[0].error.message).toMatch(/broken\/run\.json: it is not JSON/);
  expect(await listRuns(join(runs, 'nowhere'))).toEqual({ runs: [], unreadable: [] });
});

test('ids sort by time, read well and differ', () => {
  const at = new Date('2026-11-23T16:42:59Z');
  expect(newRunId('lenet', at, () => 0.5)).toBe('20261123-1642-lenet-ssss');
  expect(newRunId('./My Net\u001b.json', at, () => 0)).toBe('20261123-1642-my-net-aaaa');
  expect(newRunId('../..', at, () => 0)).toBe('20261123-1642-network-aaaa');
  const ids = new Set(Array.from({ length: 200 }, () => newRunId('lenet', at)));
  expect(ids.size).toBeGreaterThan(195);
});
