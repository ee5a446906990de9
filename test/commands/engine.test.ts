import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { engineInstall, engineList } from '../../src/commands/engine.ts';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { temporaryDirectory } from '../engine/transfer/support.ts';
import { standInEngine } from '../support/stand-in-engine.ts';

class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** A machine without compiler, engine or network. */
async function bare(json: boolean) {
  const home = await temporaryDirectory();
  const env = { HOME: home, PATH: home };
  const stdout = new Sink();
  const stderr = new Sink();
  const context = {
    json,
    env,
    cwd: home,
    paths: pathsFor(env),
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    signal: new AbortController().signal,
  };
  return { context, stdout, stderr };
}

describe('engine list', () => {
  it('says for people which engine is taken, and why not the others', async () => {
    const { context, stdout } = await bare(false);
    expect(await engineList({}, context)).toBe(0);
    expect(stdout.text).toMatch(/tensorflow\s+cpu\s+2\.21\.0\s+not usable\n\s+No C\+\+ compiler/);
    expect(stdout.text).toMatch(/^\* {2}wasm\s+cpu\s+4\.22\.0\s+installed$/m);
    // eslint-disable-next-line no-control-regex
    expect(stdout.text).not.toMatch(/[\u001b\r]/);
  });

  it('tells the build for a GPU that computes on the processor from the other one', async () => {
    const { context, stdout } = await bare(false);
    await standInEngine('cuda', context.paths);
    await engineList({}, context);
    expect(stdout.text).toMatch(/^\* {2}tensorflow\s+cpu \(cuda build\)\s+2\.21\.0\s+installed$/m);
    expect(stdout.text).toMatch(/^ {3}tensorflow\s+cpu\s+2\.21\.0\s+not usable$/m);
  });

  it('says the same for programs', async () => {
    const { context, stdout } = await bare(true);
    await engineList({}, context);
    expect(JSON.parse(stdout.text)).toMatchObject({
      format: 1,
      auto: 'wasm',
      engines: [
        { name: 'webgpu', installed: false, usable: true, onlyByName: true, bytes: 0 },
        { name: 'tensorflow', installed: false, usable: false, bytes: 0 },
        { name: 'wasm', installed: true, usable: true },
      ],
    });
  });
});

describe('engine install', () => {
  it('takes no other name than an engine that can be installed', async () => {
    const { context } = await bare(false);
    await expect(engineInstall({ engine: 'wasm' }, context)).rejects.toMatchObject({ exitCode: 2 });
    await expect(engineInstall({ engine: '\u001b[2Jtorch' }, context)).rejects.toThrow('\ufffd[2Jtorch');
  });

  it('fails with its reason, and prints nothing under --json', async () => {
    const { context, stdout, stderr } = await bare(true);
    await expect(engineInstall({ cuda: false }, context)).rejects.toMatchObject({ code: 'no-compiler', exitCode: 1 });
    expect(stdout.text + stderr.text).toBe('');
  });
});
