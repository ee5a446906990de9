// Lints and tests what a change touches: check.mjs [REVISION]. Without a revision the change is what is not committed
// yet; with one, such as main, all since this branch left it. Tests are those that import something changed: the ones
// that run the built program are not among them.
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { lint } from './lint.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);

const [revision] = process.argv.slice(2);
const since = revision === undefined ? 'HEAD' : git('merge-base', 'HEAD', revision)[0];
const changed = [
  ...git('diff', '--name-only', '--diff-filter=d', since),
  ...git('ls-files', '--others', '--exclude-standard'),
];
if (changed.length === 0) {
  console.log('Nothing has changed.');
} else {
  const isWell = await lint(changed);
  // What configures the tests concerns them all; `npm test` is for that.
  const sources = changed.filter((file) => /^(src|test|bench|scripts)\/.*\.(tsx?|mjs|json)$/.test(file));
  const { status } = spawnSync('node_modules/.bin/vitest', ['related', '--run', '--passWithNoTests', ...sources], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = isWell && status === 0 ? 0 : 1;
}
