import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Lines below which a file that one other reads belongs there. */
const least = 25;
/** Small files with a reason of their own. */
const exceptions = [
  // A kind of layer is a file, and a metric.
  /^src\/engine\/(network\/layers|metrics)\//,
  // Tables as long as lines, made by scripts.
  /^src\/imaging\/(files\/glyph-atlas-data|colour\/colour-map-tables)\.ts$/,
  // Programs and what must be loaded apart, before or after others.
  /^src\/engine\/training\/training-worker\.ts$/,
  /^src\/views\/screen\/polyfill\.ts$/,
  // By which order images are trained on is a matter of the data, asked by the trainer.
  /^src\/engine\/data\/epoch-order\.ts$/,
];

it('no file is so small that it belongs where the only other one reads it', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.parentPath.endsWith('assembly'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const importers = new Map(files.map((file) => [file, new Set<string>()]));
  for (const [file, text] of texts) {
    for (const [, path] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      importers.get(join(dirname(file), path))?.add(file);
    }
  }
  const small = files.filter(
    (file) =>
      texts.get(file)!.split('\n').length <= least &&
      importers.get(file)!.size <= 1 &&
      !exceptions.some((exception) => exception.test(file)),
  );
  expect(small).toEqual([]);
});
