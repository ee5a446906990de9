import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import typescript from 'typescript-eslint';
import { roomZones } from './scripts/rooms.mjs';

/** Packages of the screen; what computes and what draws cells must work without them. */
const screenPackages = [
  {
    group: ['react', 'react/*', 'react-dom', 'ink', 'ink/*'],
    message: 'Numbers and pictures know nothing of the screen.',
  },
];

/** What needs a plugin: the rooms, and the rules of React. Types and the language are oxlint's (.oxlintrc.json). */
export default defineConfig(
  globalIgnores(['dist', 'coverage', 'node_modules', '**/fixtures/**', 'src/engine/kernels/assembly/**']),
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
    rules: { 'no-restricted-imports': ['error', { patterns: screenPackages }] },
  },
  {
    files: ['src/views/**'],
    // The one edge of the room: it saves what a view made.
    ignores: ['src/views/screen/screenshot.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['node:fs', 'node:fs/*', 'fs', 'fs/*'], message: 'A view is a function of state and size.' },
          ],
        },
      ],
    },
  },
  { files: ['src/**/*.tsx', 'src/views/**', 'test/**/*.tsx'], ...reactHooks.configs.flat['recommended-latest'] },
);
