import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/**/*.full.test.{ts,tsx}'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    // A busy machine takes its time; what is waited for ends the wait.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 120_000,
    // Named at the end of the run: what passes at a second try fails nothing, and is not forgotten.
    retry: 1,
    reporters: ['default', './test/support/retried-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
  },
});
