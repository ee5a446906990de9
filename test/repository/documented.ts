import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { npy, zipOf } from '../engine/data/own/array-files.ts';
import { trainedRun } from '../support/shared.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A command line that README or a page of docs shows. */
export interface Documented {
  page: string;
  line: number;
  command: string;
  /** What the page says that it prints. */
  prints?: string;
  /**
   * What a comment above its block says of it: `<!-- slow (train shallow): why -->`. `not run` needs what no test has (a
   * network, a GPU, hours), `slow` is for the full tests, `varies` prints what depends on the machine. The words in
   * brackets begin the command line; the longest that fit count.
   */
  mark?: { kind: 'not run' | 'slow' | 'varies'; why: string };
}

const marks = /^<!-- (not run|slow|varies) \((.*)\): (.+) -->$/;

/** The command lines of a page, in order. */
function commandsOf(page: string, text: string): Documented[] {
  const found: Documented[] = [];
  let above: { kind: NonNullable<Documented['mark']>['kind']; words: string; why: string }[] = [];
  let language: string | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [, kind, words, why] = marks.exec(line) ?? [];
    if (why !== undefined) above.push({ kind: kind as 'slow', words, why });
    const fence = /^```(\w*)/.exec(line);
    if (fence && language === undefined) language = fence[1] ?? '';
    else if (fence) [language, above] = [undefined, []];
    else if (language !== undefined) {
      const shown = language === 'sh' ? (/^[^#\s].*/.exec(line)?.[0] ?? '') : (/^\$ (.*)/.exec(line)?.[1] ?? '');
      const command = shown.replace(/\s+#.*/, '');
      const last = found.at(-1);
      if (command !== '') {
        const about = command.replace(/^deepview-tui ?/, '');
        const [mark] = above
          .filter((one) => about.startsWith(one.words))
          .sort((one, other) => other.words.length - one.words.length);
        found.push({ page, line: index + 1, command, ...(mark && { mark }), ...(language === '' && { prints: '' }) });
      } else if (language === '' && last?.prints !== undefined) last.prints += `${line}\n`;
    }
  }
  return found;
}

/** Those of README and docs, a page after the other, README first. */
export async function documented(): Promise<Documented[]> {
  const names = (await readdir(join(root, 'docs'), { recursive: true })).filter((name) => name.endsWith('.md')).sort();
  const pages = ['README.md', ...names.map((name) => `docs/${name}`)];
  const read = pages.map(async (page) => commandsOf(page, await readFile(join(root, page), 'utf8')));
  return (await Promise.all(read)).flat();
}

/** Puts what the pages speak of where commands are run: images and a network of one's own, activations, the samples. */
export async function fillFolder(directory: string, imagesOfClass: number): Promise<void> {
  await symlink(join(root, 'samples'), join(directory, 'samples'));
  const page = await readFile(join(root, 'docs/network-files.md'), 'utf8');
  await writeFile(join(directory, 'mynet.json'), /```json\n([^]*?)```/.exec(page)?.[1] ?? '');
  const values = Float32Array.from({ length: 60 * 4 }, (_, index) => Math.sin(index * index));
  const labels = Int32Array.from({ length: 60 }, (_, index) => index % 3);
  await writeFile(
    join(directory, 'activations.npz'),
    zipOf({ activations: npy([60, 4], 'float32', values), labels: npy([60], 'int32', labels) }),
  );
  for (const [label, name] of ['cat', 'dog'].entries()) {
    await mkdir(join(directory, 'pets', name), { recursive: true });
    for (let image = 0; image < imagesOfClass; image++) {
      const pixels = Uint8Array.from(
        { length: 32 * 32 * 3 },
        (_, at) => (at * (image + 7) + (at % 3 === label ? 90 : 0)) % 251,
      );
      const raw = { width: 32, height: 32, channels: 3 } as const;
      await sharp(pixels, { raw })
        .png()
        .toFile(join(directory, 'pets', name, `${image}.png`));
    }
  }
}

/** A run among a user's, so that `last` means one. */
export async function addRun(runs: string): Promise<void> {
  await cp(await trainedRun(), join(runs, '20260101-1200-shallow-aaaa'), { recursive: true });
}

/** What a page says that is printed, as a pattern: `...` stands for any lines. @param isExact else numbers and engines may differ */
export function patternOf(prints: string, isExact: boolean): RegExp {
  const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  const loosely = (line: string): string =>
    line
      .trim()
      .split(/\s+/)
      .map((word) =>
        /\d/.test(word) ? String.raw`\S*\d\S*` : /^(tensorflow|wasm)$/.test(word) ? String.raw`\w+` : escaped(word),
      )
      .join(String.raw`\s+`);
  const lines = prints.trimEnd().split('\n');
  const patterns = lines.map((line) =>
    line === '...' ? '[^]*' : isExact ? escaped(line) : String.raw`\s*${loosely(line)}\s*`,
  );
  return new RegExp(`^${patterns.join('\n')}$`);
}
