import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { encodeSafetensors } from '../../../../src/engine/arrays/index.ts';
import { buildModel } from '../../../../src/engine/training/model.ts';
import { conventional, inputShapes } from '../../../../src/engine/training/weights/forms.ts';
import { onEachEngine, useEngine } from '../../../support/engines.ts';
import { needing } from '../../../support/needing.ts';
import { hashed } from '../../../../src/engine/training/reference/cases.ts';
import { small } from './small-network.ts';

const python = process.env['DEEPVIEW_PYTHON'] ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;
const script = fileURLToPath(new URL('./logits.py', import.meta.url));

needing(
  describe,
  'PyTorch',
  hasTorch,
)('exported weights', () => {
  onEachEngine(test, 'are answered by PyTorch as the %s engine does', async (name) => {
    const home = await mkdtemp(join(tmpdir(), 'deepview-pytorch-'));
    const model = buildModel(await useEngine(name), small, 1);
    const images = hashed(6 * 96, 5, 1);
    for (let batch = 1; batch <= 3; batch++) {
      await model.train(images, [0, 1, 2, 3, 4, 0], { learningRate: 0.05, epoch: 1, batch });
    }
    const weights = conventional(await model.state(), inputShapes(small));
    const tensors = new Map([...weights].map(([key, tensor]) => [key, { type: 'float32' as const, ...tensor }]));
    await writeFile(join(home, 'weights'), Buffer.concat(encodeSafetensors(tensors, { format: 'pt' })));
    await writeFile(join(home, 'images'), images);
    const { stdout } = await promisify(execFile)(python, [script, join(home, 'weights'), join(home, 'images')]);
    const expected = JSON.parse(stdout) as number[];
    const found = await model.logits(images);
    expect(expected).toHaveLength(found.length);
    found.forEach((value, at) =>
      expect(Math.abs(value - expected[at])).toBeLessThan(1e-4 * Math.abs(expected[at]) + 1e-4),
    );
    model.dispose();
    await rm(home, { recursive: true });
  });
});
