// Builds the Python wheel that brings the program and its command: what `npm pack` makes, installed with the image
// libraries of a platform, beside the recorder. `node scripts/build-wheel.mjs [PLATFORM] [--out FOLDER]`, by default for
// this machine into python/dist. Needs npm and a Python with pip; other platforms' wheels are made here as well.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What npm and pip call each platform; the oldest systems are those that Node 24 runs on. */
const platforms = {
  'linux-x64': { tag: 'py3-none-manylinux_2_28_x86_64', libc: ['--libc=glibc'] },
  'linux-arm64': { tag: 'py3-none-manylinux_2_28_aarch64', libc: ['--libc=glibc'] },
  'darwin-arm64': { tag: 'py3-none-macosx_13_0_arm64', libc: [] },
  'darwin-x64': { tag: 'py3-none-macosx_13_0_x86_64', libc: [] },
};

const root = fileURLToPath(new URL('..', import.meta.url));
const { positionals, values } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
const [platform = `${process.platform}-${process.arch}`] = positionals;
const known = platforms[platform];
if (!known) {
  console.error(`there is no wheel for ${platform}; there are those for ${Object.keys(platforms).join(', ')}`);
  process.exit(2);
}
const out = resolve(values.out ?? join(root, 'python', 'dist'));
const python = process.env.DEEPVIEW_PYTHON ?? 'python3';
const [os, cpu] = platform.split('-');

const work = mkdtempSync(join(tmpdir(), 'deepview-wheel-'));
const run = (command, args, options) => execFileSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
try {
  run('npm', ['pack', '--silent', '--pack-destination', work]);
  const [tarball] = readdirSync(work);
  const program = join(work, 'program');
  run('npm', [
    'install',
    ...['--no-save', '--no-package-lock', '--ignore-scripts', '--no-bin-links', '--omit=dev', '--loglevel=error'],
    ...[`--os=${os}`, `--cpu=${cpu}`, ...known.libc, '--prefix', program, join(work, tarball)],
  ]);
  for (const left of ['.package-lock.json', '.bin'])
    rmSync(join(program, 'node_modules', left), { recursive: true, force: true });
  run(python, ['-m', 'pip', 'wheel', '--quiet', '--no-deps', '--wheel-dir', out, join(root, 'python')], {
    env: { ...process.env, DEEPVIEW_PROGRAM: program, DEEPVIEW_WHEEL_TAG: known.tag },
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`built the wheel for ${platform} in ${out}`);
