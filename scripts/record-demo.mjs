// Packs a finished run into samples/demo, the run that is shipped with the program: node scripts/record-demo.mjs RUN [DIR]
import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [run, output = join(root, 'samples/demo')] = process.argv.slice(2);
if (!run) {
  process.stderr.write('usage: node scripts/record-demo.mjs RUN [DIR]\n');
  process.exit(2);
}

/** The recorder is TypeScript, which not every supported Node reads. */
async function loadRecorder() {
  const folder = await mkdtemp(join(root, 'node_modules/.deepview-record-'));
  try {
    const outfile = join(folder, 'recorder.mjs');
    const exported = ['recording/record-demo.ts', 'paths.ts', 'run/find.ts'].map(
      (file) => `export * from './src/engine/${file}';`,
    );
    await build({
      stdin: { contents: exported.join('\n'), resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const { recordDemo, demoBudget, pathsFor, findRun } = await loadRecorder();
const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`;
const paths = pathsFor();
try {
  const report = await recordDemo({
    run: await findRun({ runs: paths.runs }, run),
    output,
    paths,
    onPlan: (plan, bytes) => console.log(`${kilobytes(bytes)} of ${kilobytes(demoBudget)}  ${JSON.stringify(plan)}`),
  });
  console.log(`recorded in ${output}: ${report.bytes} bytes, ${report.images} images`);
  console.log(
    `patches of epochs ${report.featureEpochs.join(', ')}; quantiles of epochs ${report.sampledEpochs.join(', ')}`,
  );
  for (const [part, bytes] of report.parts) console.log(`  ${part.padEnd(14)}${kilobytes(bytes).padStart(9)}`);
} catch (error) {
  console.error(`${error.message}${error.hint ? `\n${error.hint}` : ''}`);
  process.exitCode = error.exitCode ?? 1;
}
