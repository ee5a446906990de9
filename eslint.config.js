import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import typescript from 'typescript-eslint';
import { roomZones } from './scripts/rooms.mjs';

/** Packages of the screen; what computes and what draws cells must work without them. */
const screenPackages = (message) => ({ group: ['react', 'react/*', 'react-dom', 'ink', 'ink/*'], message });
const filePackages = {
  group: ['node:fs', 'node:fs/*', 'fs', 'fs/*'],
  message: 'A view is a function of state and size.',
};
/** What loads them is not loaded for `show`, nor before the first frame. */
const componentPackages = screenPackages('React and Ink are for components: files that end in .tsx.');
/** Beside components: what they share of React, and the type of a key. */
const withInk = ['src/views/screen/hooks.ts', 'src/views/screen/key-names.ts'];

/** What needs a plugin: the rooms, and the rules of React. Types and the language are oxlint's (.oxlintrc.json). */
export default defineConfig(
  globalIgnores([
    'dist',
    'coverage',
    'node_modules',
    '.stryker-tmp',
    'reports',
    '**/fixtures/**',
    'src/engine/kernels/assembly/**',
  ]),
  typescript.configs.base,
  {
    files: ['**/*.{ts,tsx,js,mjs}'],
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.tsx', '.mjs', '.js'] })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: roomZones() }],
    },
  },
  {
    files: ['src/engine/**', 'src/imaging/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [screenPackages('Numbers and pictures know nothing of the screen.')] },
      ],
    },
  },
  {
    files: ['src/views/**'],
    // The one edge of the room: it saves what a view made.
    ignores: ['src/views/screen/screenshot.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [filePackages] }] },
  },
  {
    files: ['src/views/**/*.ts'],
    ignores: ['src/views/screen/screenshot.ts', ...withInk],
    rules: { 'no-restricted-imports': ['error', { patterns: [filePackages, componentPackages] }] },
  },
  {
    files: ['src/cli/**', 'src/commands/**', 'src/views/screen/screenshot.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [componentPackages] }] },
  },
  { files: ['src/**/*.tsx', 'src/views/**', 'test/**/*.tsx'], ...reactHooks.configs.flat['recommended-latest'] },
);
