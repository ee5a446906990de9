import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Set by run.mjs. */
declare const BENCH_FOLDER: string;

/**
 * A Python program that does the same work in a process of its own: it reads a line, works, and answers with a line of
 * JSON. Both sides take turns in one process tree, so that whatever else runs disturbs both alike.
 */
export class Peer {
  readonly #child;
  readonly #answers;

  /** @param script in bench/ */
  constructor(script: string, args: readonly string[] = []) {
    this.#child = spawn(process.env['DEEPVIEW_PYTHON'] ?? 'python3', [join(BENCH_FOLDER, script), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async ask(line: string): Promise<unknown> {
    this.#child.stdin.write(`${line}\n`);
    return this.answer();
  }

  /** The next line it prints by itself. */
  async answer(): Promise<unknown> {
    const line = await this.#answers.next();
    if (line.done) throw new Error('the Python peer ended; what it needs is said above (set DEEPVIEW_PYTHON)');
    return JSON.parse(line.value);
  }

  close(): void {
    this.#child.stdin.end();
  }
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Milliseconds that `work` takes. */
export async function timed<T>(work: () => T | Promise<T>): Promise<[milliseconds: number, result: T]> {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
}
