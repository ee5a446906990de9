import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { DeepviewError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { cancelled } from '../../base/progress.ts';

export interface Compiler {
  /** Program and leading arguments: CXX may hold `ccache g++`. */
  command: readonly [string, ...string[]];
  /** The first line of what it says about itself. */
  version: string;
}

/** Enough to tell a working C++ compiler from one whose library or headers are missing, and quick. */
const trial = '#include <cstddef>\nstd::size_t length();\n';

/**
 * The C++ compiler: CXX if set, else the first of c++, g++ and clang++ that compiles.
 * @throws DeepviewError `no-compiler`
 */
export async function findCompiler(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Compiler> {
  const named = env['CXX']?.trim();
  const candidates = named ? [named.split(/\s+/)] : [['c++'], ['g++'], ['clang++']];
  const reasons: string[] = [];
  for (const candidate of candidates) {
    const command = candidate as [string, ...string[]];
    const tried = await run(command, ['-std=c++17', '-fsyntax-only', '-x', 'c++', '-'], { env, signal, input: trial });
    if (tried.code !== 0) {
      reasons.push(
        `${command.join(' ')} ${tried.code === undefined ? 'is not there' : `fails: ${firstError(tried.output)}`}`,
      );
      continue;
    }
    const { output } = await run(command, ['--version'], { env, signal });
    return { command, version: printable(output.split('\n')[0] ?? command.join(' ')) };
  }
  throw new DeepviewError(
    'no-compiler',
    `No C++ compiler works here (${reasons.map((each) => printable(each)).join('; ')})`,
    {
      hint: 'Install one (Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++; Arch: pacman -S gcc), or name it in CXX.',
    },
  );
}

/**
 * Runs one compilation or linking.
 * @throws DeepviewError `compilation`, `cancelled`
 */
export async function compile(
  compiler: Compiler,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<void> {
  const { code, output } = await run(compiler.command, args, options);
  if (options.signal.aborted) throw cancelled('compiling the engine');
  if (code === 0) return;
  const full = /No space left on device/.test(output);
  throw new DeepviewError(
    full ? 'disk-full' : 'compilation',
    `${basename(compiler.command[0])} failed: ${firstError(output)}`,
    {
      hint: full
        ? 'Free some space where the engines are kept and in the temporary directory (TMPDIR).'
        : 'Another compiler may be named in CXX; the engine is compiled with -std=c++17.',
      cause: new Error(printable(output, 20_000)),
    },
  );
}

/** Whatever the compiler said that explains a failure best: its first error, else its last line. */
function firstError(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const line = lines.find((each) => /error|undefined reference|No space/i.test(each)) ?? lines.at(-1);
  return printable(line?.trim() ?? 'it said nothing', 300);
}

export interface Ran {
  /** Exit status; absent when the program could not be started or was killed. */
  code: number | undefined;
  /** Its last words on both channels, at most 64 KB. */
  output: string;
}

/** Runs a program to its end, never through a shell; ends it when the signal is given. */
export function run(
  [program, ...leading]: readonly [string, ...string[]],
  args: readonly string[],
  { env, signal, input }: { env: NodeJS.ProcessEnv; signal: AbortSignal; input?: string },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...env, LC_ALL: 'C' }, signal, maxBuffer: Infinity };
    const child = execFile(program, [...leading, ...args], options, (error, stdout, stderr) => {
      if (signal.aborted) reject(cancelled(`running ${basename(program)}`));
      else if (typeof error?.code === 'string') resolve({ code: undefined, output: `${error.code} ${error.message}` });
      else resolve({ code: error ? (error.code ?? undefined) : 0, output: (stdout + stderr).slice(-65_536) });
    });
    // A program that ends before it has read everything has said why.
    child.stdin!.on('error', () => undefined);
    child.stdin!.end(input ?? '');
  });
}
