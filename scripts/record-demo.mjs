// Packs a finished run into samples/demo, the run that is shipped with the program: node scripts/record-demo.mjs RUN [DIR]
import { join } from 'node:path';
import { loadTypeScript, root } from './load-typescript.mjs';

const [run, output = join(root, 'samples/demo')] = process.argv.slice(2);
if (!run) {
  process.stderr.write('usage: node scripts/record-demo.mjs RUN [DIR]\n');
  process.exit(2);
}

const { recordDemo, demoBudget, pathsFor, findRun } = await loadTypeScript(
  ['scripts/recording/record-demo.ts', 'src/engine/base/paths.ts', 'src/engine/run/find.ts'],
  { packages: 'external' },
);
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
