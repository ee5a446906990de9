import { defineConfig } from 'vitest/config';
import { eachFile, eachRun } from './vitest.config.ts';

/** Longer checks, run by `npm run test:full`: real data, real engines, real terminals. */
export default defineConfig({
  test: { ...eachRun, ...eachFile, include: ['test/**/*.full.test.{ts,tsx}'], testTimeout: 1_200_000 },
});
