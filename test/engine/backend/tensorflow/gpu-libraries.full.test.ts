import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { askGpu } from '../../../../src/engine/backend/tensorflow/ask-gpu.ts';
import { installTensorflow } from '../../../../src/engine/backend/tensorflow/install.ts';
import { frameworkIn, layout } from '../../../../src/engine/backend/tensorflow/layout.ts';
import { releaseFor, thisMachine } from '../../../../src/engine/backend/tensorflow/release.ts';
import { pathsFor } from '../../../../src/engine/base/paths.ts';
import { recording } from '../../transfer/support.ts';

/** 5.6 GB, loaded once a machine. */
const kept = process.env['DEEPVIEW_CUDA_HOME'] ?? join(homedir(), '.cache/deepview-tui/cuda');
const paths = pathsFor({ ...process.env, XDG_DATA_HOME: kept });

it.skipIf('unsupported' in releaseFor('cuda', thisMachine()))(
  "installs the published libraries where TensorFlow's own loader finds each",
  async () => {
    const { context } = recording();
    const install = (): Promise<string> => installTensorflow({ paths, env: process.env, context, variant: 'cuda' });
    const directory = await install();
    const asked = async (): Promise<string[]> =>
      (await askGpu({ paths, env: process.env, framework: frameworkIn(directory) })).missing;
    expect(await asked()).toEqual([]);
    await rm(join(directory, layout.parts, 'cusparse/lib/libcusolver.so.11'));
    expect(await asked()).toEqual(['libcusolver']);
    await install();
    expect(await asked()).toEqual([]);
  },
);
