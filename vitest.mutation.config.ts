import { defineConfig } from 'vitest/config';
import { eachFile } from './vitest.config.ts';

/** The tests that judge mutants, chosen by scripts/mutation.mjs: those that run what is mutated in their own process. */
export default defineConfig({
  plugins: [
    {
      name: 'forks',
      // The runner asks for threads, in which the engines' library cannot be loaded twice.
      configureVitest: ({ project }) => void (project.config.pool = 'forks'),
    },
  ],
  test: {
    ...eachFile,
    // Many a mutant makes a test wait for ever.
    testTimeout: 10_000,
    include: JSON.parse(process.env['DEEPVIEW_MUTATION_TESTS'] ?? '[]') as string[],
    exclude: ['test/**/*.full.test.{ts,tsx}'],
    globalSetup: ['test/support/global-setup.ts'],
    // A mutant that a second try lets live is one that no test notices for certain.
    retry: 0,
  },
});
