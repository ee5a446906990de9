import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** Longer checks, run by `npm run test:full`: real data, real engines, real terminals. */
export default defineConfig({
  test: { ...base.test, include: ['test/**/*.full.test.{ts,tsx}'], exclude: [], testTimeout: 1_200_000 },
});
