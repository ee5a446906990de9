import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { programPath } from '../../src/engine/base/program-files.ts';
import type { TrainingHome } from './training-home.ts';

export interface Ran {
  code: number | null;
  /** Of which it died. */
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

const cli = (): string => join(dirname(programPath('trainer-process')), 'cli.js');

/** Runs the built program in a person's home, without a terminal. @param onOut sees standard output as it grows */
export function runCli(
  home: TrainingHome,
  args: readonly string[],
  onOut: (out: string, child: ChildProcess) => void = () => undefined,
  env: NodeJS.ProcessEnv = home.env,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli(), ...args], { env, cwd: home.directory });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      onOut(out, child);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', reject).on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
}
