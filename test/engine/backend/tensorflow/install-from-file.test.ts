import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installTensorflow, type InstallOptions } from '../../../../src/engine/backend/tensorflow/install.ts';
import { temporaryDirectory } from '../../transfer/support.ts';
import { options, prepareInstallations, recorded, server, small, wheelName } from './install-support.ts';
import { buildSmallTensorflow } from './small-tensorflow.ts';
import { zip } from './zip-writer.ts';

prepareInstallations();

describe('a wheel on this machine', () => {
  async function local(
    content: Uint8Array,
    name = wheelName(),
    more: Partial<InstallOptions> = {},
  ): Promise<InstallOptions> {
    const source = join(await temporaryDirectory(), name);
    await writeFile(source, content);
    const offline = await options({}, more);
    await server!.close();
    return { ...offline, source };
  }

  it('is installed without a network, and stays where it is', async () => {
    const offline = await local(small.wheel);
    await installTensorflow(offline);
    expect(recorded.notices).toEqual([]);
    expect((await readFile(offline.source!)).equals(small.wheel)).toBe(true);
  });

  it('is judged by its structure when it is not a known one, and says so', async () => {
    const other = zip(small.entries.slice(1));
    await installTensorflow(await local(other, 'my\u001b[2J.whl'));
    expect(recorded.notices).toEqual(['my\ufffd[2J.whl is not a known release: only its structure is verified']);
  });

  it('is refused when it has a known name but other content', async () => {
    const cut = await local(small.wheel.subarray(0, -10));
    await expect(installTensorflow(cut)).rejects.toMatchObject({ code: 'wheel-damaged', exitCode: 4 });
  });

  it('is refused when it is of another version', async () => {
    const other = await buildSmallTensorflow(await temporaryDirectory(), '8.8.8');
    const old = await local(other.wheel, 'tensorflow_small-8.8.8.whl');
    await expect(installTensorflow(old)).rejects.toMatchObject({
      code: 'wrong-version',
      message: expect.stringContaining('TensorFlow 8.8.8'),
    });
  });

  it('is refused when it is not there, or is a directory', async () => {
    const { source, ...offline } = await local(small.wheel);
    await expect(installTensorflow({ ...offline, source: `${source}.not` })).rejects.toMatchObject({ exitCode: 4 });
    await expect(installTensorflow({ ...offline, source: dirname(source!) })).rejects.toMatchObject({ exitCode: 4 });
  });
});
