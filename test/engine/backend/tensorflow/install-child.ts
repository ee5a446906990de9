// Installs the engine that its argument describes: what two impatient people do at once.
import { installTensorflow, type InstallOptions } from '../../../../src/engine/backend/tensorflow/install.ts';

const options = JSON.parse(process.argv[2] ?? '') as InstallOptions;
const directory = await installTensorflow({
  ...options,
  env: process.env,
  context: {
    onProgress: ({ label }) => process.stdout.write(`${label}\n`),
    onNotice: (notice) => process.stdout.write(`${notice}\n`),
    signal: new AbortController().signal,
  },
});
process.stdout.write(`installed ${directory}\n`);
