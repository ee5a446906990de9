import prettier from 'eslint-config-prettier';
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

export default defineConfig(
  globalIgnores(['dist', 'coverage', 'node_modules', '**/fixtures/**', 'src/engine/kernels/assembly/**']),
  typescript.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.tsx', '.mjs', '.js'] })] },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'no-control-regex': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: roomZones() }],
      'import-x/no-duplicates': ['error', { 'prefer-inline': false }],
      'import-x/no-self-import': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // Elements of arrays have no `undefined` in their type here, so that numeric code stays readable;
      // this rule would then call every bounds check unnecessary.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Node's types say that `isTTY` is a boolean; where there is no terminal it is absent.
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
      // A result's type that only the caller knows is clearer as a parameter than as an assertion at every call.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
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
  {
    // JSON that a test parses is checked by its expectations.
    files: ['test/**', 'bench/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  { files: ['**/*.js', '**/*.mjs'], ...typescript.configs.disableTypeChecked },
  prettier,
);
