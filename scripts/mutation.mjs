// Changes the source of a folder in many small ways, one at a time, and says which changes the folder's tests let pass.
// npm run mutation FOLDER [FOLDER...]; docs/testing.md says how to read what it finds.
import { Stryker } from '@stryker-mutator/core';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What is mutated where no folder is named: what computes and decides. What draws has snapshots. */
const folders = [
  ...['metrics', 'analysis', 'network', 'training', 'run', 'probe'].map((room) => `engine/${room}`),
  'commands',
  'views/model',
];

/**
 * The tests of a folder or file of `src`: those of the nearest folder that mirrors it. Left out are those that let other
 * processes train, where no mutant is.
 */
function testsOf(place) {
  const parts = place.split('/');
  while (parts.length > 0 && !existsSync(join(root, 'test', ...parts))) parts.pop();
  const folder = ['test', ...parts].join('/');
  const files = readdirSync(join(root, folder), { encoding: 'utf8', recursive: true }).map(
    (file) => `${folder}/${file}`,
  );
  const trains = /watchTraining|trainedRun/;
  return files.filter((file) => /\.test\.tsx?$/.test(file) && !trains.test(readFileSync(join(root, file), 'utf8')));
}

/** @param places folders or files below `src` @returns Stryker's results, a mutant each */
async function mutate(places) {
  const name = places.join('+').replaceAll('/', '-').slice(0, 100);
  process.env.DEEPVIEW_MUTATION_TESTS = JSON.stringify([...new Set(places.flatMap(testsOf))]);
  const stryker = new Stryker({
    plugins: ['@stryker-mutator/vitest-runner'],
    testRunner: 'vitest',
    // Nothing checks the types of a mutant.
    disableTypeChecks: false,
    vitest: { configFile: 'vitest.mutation.config.ts' },
    mutate: places.map((place) => (/\.tsx?$/.test(place) ? `src/${place}` : `src/${place}/**/*.{ts,tsx}`)),
    coverageAnalysis: 'perTest',
    concurrency: Number(process.env.DEEPVIEW_MUTATION_WORKERS ?? 1),
    incremental: true,
    incrementalFile: `reports/mutation/${name}.incremental.json`,
    reporters: ['progress-append-only', 'clear-text', 'html'],
    clearTextReporter: { allowColor: process.stdout.isTTY, logTests: false, reportTests: false },
    htmlReporter: { fileName: `reports/mutation/${name}.html` },
    // Texts are compared by snapshots and by people; a test of every word would say each of them twice.
    mutator: { excludedMutations: ['StringLiteral'] },
    timeoutMS: 20_000,
    allowConsoleColors: process.stdout.isTTY,
  });
  return stryker.runMutationTest();
}

const asked = process.argv.slice(2).map((place) => place.replace(/^src\/|\/$/g, ''));
for (const place of asked) {
  if (!existsSync(join(root, 'src', place))) throw new Error(`there is no src/${place}`);
}
if (asked.length > 0) await mutate(asked);
else for (const folder of folders) await mutate([folder]);
