import { defineConfig } from 'vitest/config';

/**
 * Where files share a process with those before them, which saves a third of their time: what they import keeps no state
 * that a test could notice. Tests of engines, networks and trainings, whose library keeps some, have a process a file.
 */
const together = [
  'test/{cli,commands,e2e,imaging,repository,scripts,views}',
  'test/engine/{analysis,arrays,base,data,metrics,run,transfer}',
].map((folders) => `${folders}/**/*.test.{ts,tsx}`);

const full = ['test/**/*.full.test.{ts,tsx}'];

/** What holds for each file, also for the longer tests. */
export const eachFile = {
  testTimeout: 60_000,
  // A busy machine takes its time; what is waited for ends the wait.
  expect: { poll: { timeout: 20_000 } },
  hookTimeout: 120_000,
  // Named at the end of the run: what passes at a second try fails nothing, and is not forgotten.
  retry: 1,
  pool: 'forks',
} as const;

/** What holds for a whole run; the program is built once. */
export const eachRun = {
  globalSetup: ['test/support/global-setup.ts'],
  reporters: ['default', './test/support/closing-reporter.ts'],
  // One that is missing was lost, or comes with a new test: `-u` writes it.
  update: 'none' as const,
  // One more than the processors that the tests are made for: while one waits for a terminal, two compute.
  maxWorkers: 3,
};

export default defineConfig({
  test: {
    ...eachRun,
    projects: [
      { test: { ...eachFile, name: 'together', include: together, exclude: full, isolate: false } },
      { test: { ...eachFile, name: 'apart', include: ['test/**/*.test.{ts,tsx}'], exclude: [...together, ...full] } },
    ],
  },
});
