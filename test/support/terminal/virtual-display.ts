import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether all these programs are installed. */
export const areInstalled = (...programs: readonly string[]): boolean =>
  programs.every((program) => spawnSync('which', [program]).status === 0);

/** Ends a process that we started, and waits for it. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

/** A screen without a monitor (Xvfb): real terminals draw on it, and its pixels can be read. */
export class VirtualDisplay {
  readonly #server: ChildProcess;
  readonly #folder: string;
  readonly name: string;

  private constructor(server: ChildProcess, folder: string, name: string) {
    this.#server = server;
    this.#folder = folder;
    this.name = name;
  }

  static async open(width = 1000, height = 700): Promise<VirtualDisplay> {
    const folder = mkdtempSync(join(tmpdir(), 'deepview-display-'));
    const server = spawn(
      'Xvfb',
      ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-noreset', '-nolisten', 'tcp', '-fbdir', folder],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
    );
    const number = await new Promise<string>((resolve, reject) => {
      server.stdio[3]!.once('data', (data: Buffer) => resolve(data.toString().trim()));
      server.once('exit', () => reject(new Error('Xvfb does not start')));
      server.once('error', reject);
    });
    return new VirtualDisplay(server, folder, `:${number}`);
  }

  /** What is on the screen: [red, green, blue] of each pixel, row-major. The file is an X window dump of 32 bits. */
  screenshot(): { width: number; height: number; at: (x: number, y: number) => number[] } {
    const file = readFileSync(join(this.#folder, 'Xvfb_screen0'));
    const field = (index: number): number => file.readUInt32BE(4 * index);
    const [width, height, stride] = [field(4), field(5), field(12)];
    const pixels = field(0) + 12 * field(19);
    const isLittleEndian = field(7) === 0;
    return {
      width,
      height,
      at: (x, y) => {
        const place = pixels + y * stride + 4 * x;
        const [blue, green, red] = isLittleEndian ? [0, 1, 2] : [3, 2, 1];
        return [file[place + red], file[place + green], file[place + blue]];
      },
    };
  }

  async close(): Promise<void> {
    await end(this.#server);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
