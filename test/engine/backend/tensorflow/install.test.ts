import { mkdir, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askGpu } from '../../../../src/engine/backend/tensorflow/ask-gpu.ts';
import {
  engineDirectory,
  frameworkIn,
  inspect,
  layout,
  recallFailure,
} from '../../../../src/engine/backend/tensorflow/layout.ts';
import { installTensorflow } from '../../../../src/engine/backend/tensorflow/install.ts';
import { thisMachine } from '../../../../src/engine/backend/tensorflow/release.ts';
import { bundled, start } from '../../transfer/child.ts';
import { breaking, file, status } from '../../transfer/file-server.ts';
import { temporaryDirectory } from '../../transfer/support.ts';
import {
  directoryHere,
  environment,
  home,
  left,
  options,
  pathsHere,
  prepareInstallations,
  recorded,
  served,
  server,
  small,
  wheelName,
} from './install-support.ts';
import { gpuLibraries, smallVersion, wheelOf } from './small-tensorflow.ts';
import { zip } from './zip-writer.ts';

const modules = createRequire(import.meta.url);
prepareInstallations();

describe('installTensorflow', () => {
  it('loads, unpacks, compiles, and leaves an engine and nothing else', async () => {
    const directory = await installTensorflow(await served());
    expect(directory).toBe(directoryHere());
    const addon = modules(join(directory, layout.addon)) as { TF_Version: string };
    expect(addon.TF_Version).toBe(smallVersion);
    expect((await readdir(directory, { recursive: true })).sort()).toEqual([
      'deps',
      'deps/lib',
      'deps/lib/libtensorflow_cc.so.2',
      'deps/lib/libtensorflow_framework.so.2',
      'engine.json',
      'lib',
      'lib/napi-v8',
      'lib/napi-v8/tfjs_binding.node',
    ]);
    expect(await readdir(join(pathsHere().engines, 'downloads'))).toEqual([]);
    expect((await left()).sort()).toEqual(['downloads', directory.split('/').at(-1)]);
    const found = await inspect(directory, '1.0.0');
    expect(found).toMatchObject({ manifest: { version: smallVersion, wheels: [{ filename: wheelName() }] } });
    expect(recorded.progress.map(({ label }) => label)).toEqual(
      expect.arrayContaining([`downloading tensorflow-small ${smallVersion}`, 'unpacking TensorFlow']),
    );
  });

  it('does nothing where the engine is', async () => {
    const once = await served();
    await installTensorflow(once);
    const requests = server!.log.length;
    await installTensorflow(once);
    expect(server!.log).toHaveLength(requests);
  });

  it('repairs an engine of which a file was cut short, without leaving the broken one', async () => {
    const again = await served();
    const directory = await installTensorflow(again);
    await truncate(join(directory, 'deps/lib/libtensorflow_cc.so.2'), 100);
    expect(await inspect(directory, '1.0.0')).toEqual({
      missing: 'deps/lib/libtensorflow_cc.so.2 is missing or damaged',
    });
    await installTensorflow(again);
    expect(await inspect(directory, '1.0.0')).toHaveProperty('manifest');
    expect((await left()).sort()).toEqual(['downloads', directory.split('/').at(-1)]);
  });

  it('builds anew for other bindings, and when its manifest is damaged', async () => {
    const again = await served();
    const directory = await installTensorflow(again);
    expect(await inspect(directory, '2.0.0')).toEqual({ missing: 'built for tfjs-node 1.0.0, not 2.0.0' });
    await writeFile(join(directory, layout.manifest), '{"format": 1, "version":');
    expect(await inspect(directory, '1.0.0')).toEqual({ missing: 'its engine.json is damaged' });
    await installTensorflow(again);
    expect(await inspect(directory, '1.0.0')).toHaveProperty('manifest');
  });

  it('lets one of two processes install and the other use what it made', async () => {
    const program = await bundled(new URL('install-child.ts', import.meta.url));
    const { paths, env, variant, release, bindings } = await served();
    const argument = JSON.stringify({ paths, variant, release, bindings });
    const both = [start(program, [argument], env), start(program, [argument], env)];
    const codes = await Promise.all(both.map(({ ended }) => ended));
    // What they printed says why one of them failed.
    expect(codes, both.map(({ output }) => output()).join('\n')).toEqual([0, 0]);
    for (const { output } of both) expect(output()).toContain(`installed ${directoryHere()}`);
    expect(server!.log.filter((line) => line.includes('/files/'))).toHaveLength(1);
    expect(both.filter(({ output }) => output().includes('unpacking'))).toHaveLength(1);
  });

  it('goes on with the download of a process that was killed', async () => {
    const program = await bundled(new URL('install-child.ts', import.meta.url));
    const half = small.wheel.length >> 1;
    const { paths, env, variant } = await options({
      [wheelName()]: (request, response) => {
        if (request.headers.range) {
          file(small.wheel)(request, response);
          return;
        }
        response.writeHead(200, { etag: '"one"', 'content-length': small.wheel.length });
        response.write(small.wheel.subarray(0, half));
      },
    });
    const { release, bindings } = small;
    const killed = start(program, [JSON.stringify({ paths, variant, release, bindings })], env);
    const part = join(paths.engines, 'downloads', `${wheelName()}.part`);
    await expect
      .poll(
        () =>
          stat(part).then(
            ({ size }) => size,
            () => 0,
          ),
        { timeout: 20_000 },
      )
      .toBe(half);
    killed.kill();
    await killed.ended;
    await mkdir(`${directoryHere()}.old.partial`);
    await installTensorflow({ paths, env, variant, release, bindings, context: recorded.context });
    expect(server!.log.at(-1)).toBe(`GET /files/${wheelName()} bytes=${half}-`);
    expect((await left()).sort()).toEqual(['downloads', directoryHere().split('/').at(-1)]);
  });

  it('survives connections that break', async () => {
    await installTensorflow(await options({ [wheelName()]: breaking(small.wheel, 2000, 3) }));
    expect(await inspect(directoryHere(), '1.0.0')).toHaveProperty('manifest');
  });

  it('asks for a compiler before it downloads', async () => {
    const none = await served({ env: environment({ PATH: await temporaryDirectory() }) });
    await expect(installTensorflow(none)).rejects.toMatchObject({
      code: 'no-compiler',
      hint: expect.stringContaining('apt install g++'),
    });
    expect(server!.log).toEqual([]);
  });

  it('respects CXX, and says why the compiler named there does not do', async () => {
    const bad = await served();
    await expect(installTensorflow({ ...bad, env: { ...bad.env, CXX: 'false' } })).rejects.toThrow('false fails');
    const bin = await temporaryDirectory();
    await writeFile(join(bin, 'my compiler'), '');
    await installTensorflow({ ...bad, env: { ...bad.env, CXX: 'g++ -O0' } });
    expect(await inspect(directoryHere(), '1.0.0')).toHaveProperty('manifest');
  });

  it('remembers that compiling failed and keeps the wheel, so that the next attempt needs no download', async () => {
    const broken = join(home, 'broken.cc');
    await writeFile(broken, '#error "this system is too odd"\n');
    const first = await served();
    const failing = installTensorflow({ ...first, bindings: { ...small.bindings, sources: [broken] } });
    await expect(failing).rejects.toMatchObject({ code: 'compilation', message: expect.stringContaining('too odd') });
    expect(await recallFailure(directoryHere(), '1.0.0')).toContain('too odd');
    expect(await recallFailure(directoryHere(), '1.0.1')).toBeUndefined();
    await server!.close();
    await installTensorflow(first);
    expect(await recallFailure(directoryHere(), '1.0.0')).toBeUndefined();
    expect(await readdir(join(pathsHere().engines, 'downloads'))).toEqual([]);
  });

  it('does not put an addon in place that does not load', async () => {
    const crashing = join(home, 'crashing.cc');
    await writeFile(crashing, '#include <cstdlib>\nstatic int now = (abort(), 0);\nint used() { return now; }\n');
    const first = await served({ bindings: { ...small.bindings, sources: [crashing] } });
    await expect(installTensorflow(first)).rejects.toMatchObject({ code: 'engine-broken' });
    expect(await inspect(directoryHere(), '1.0.0')).toEqual({ missing: 'not installed' });
  });

  it('says how much space is needed before it downloads', async () => {
    const full = await served({ free: () => Promise.resolve(5000) });
    await expect(installTensorflow(full)).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('1.01 MB needed, 5.00 kB free'),
    });
    expect(server!.log).toEqual([]);
  });

  it('says that the index cannot be reached, or has no such file', async () => {
    const gone = await served();
    await server!.close();
    await expect(installTensorflow(gone)).rejects.toMatchObject({ code: 'unreachable' });
    await expect(installTensorflow(await options({ 'other.whl': status(404) }))).rejects.toMatchObject({
      code: 'no-wheel',
      message: expect.stringContaining(wheelName()),
    });
    await expect(installTensorflow(await options({ [wheelName()]: status(404) }))).rejects.toMatchObject({
      code: 'http-status',
    });
  });

  it('refuses a wheel with a flipped bit, and one cut short', async () => {
    const flipped = Buffer.from(small.wheel);
    flipped[1000] ^= 1;
    const wrong = await options({ [wheelName()]: file(flipped) });
    await expect(installTensorflow(wrong)).rejects.toMatchObject({ code: 'checksum' });
    await server!.close();
    const short = await options({ [wheelName()]: file(small.wheel.subarray(0, -10)) });
    await expect(installTensorflow(short)).rejects.toMatchObject({ code: 'size' });
    expect(await left()).toEqual(['downloads']);
  });

  it('can be cancelled while it compiles', async () => {
    const slow = await served();
    const { context, abort } = recorded;
    const cancelled = installTensorflow({
      ...slow,
      context: {
        ...context,
        onProgress: ({ label }) => {
          if (label.startsWith('compiling')) abort.abort();
        },
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
    expect(await left()).toEqual(['downloads']);
  });

  /** Any library that loads. */
  const library = (): Buffer =>
    Buffer.from(small.entries.find(({ name }) => name.includes('libtensorflow_cc'))!.content);

  it("unpacks the libraries for a GPU beside the others, where TensorFlow's loader finds all", async () => {
    const part = zip([
      ...gpuLibraries.map(([path]) => ({ name: `nvidia/${path}`, content: library() })),
      { name: 'nvidia/cuda_nvcc/bin/ptxas', content: Buffer.from('program') },
      { name: 'nvidia/cublas/include/cublas.h', content: Buffer.from('header') },
    ]);
    const partName = 'small_part-1.0-py3-none-any.whl';
    const gpu = await options(
      { [wheelName()]: file(small.wheel), [partName]: file(part) },
      { variant: 'cuda', release: { ...small.release, parts: [wheelOf(part, 'small-part', partName)] } },
    );
    const directory = await installTensorflow(gpu);
    expect(directory).toBe(engineDirectory(pathsHere(), 'cuda', thisMachine()));
    const unpacked = await readdir(join(directory, layout.parts), { recursive: true });
    expect(unpacked).toEqual(expect.arrayContaining([...gpuLibraries.map(([path]) => path), 'cuda_nvcc/bin/ptxas']));
    expect(unpacked.filter((path) => path.endsWith('.h'))).toEqual([]);
    expect((await stat(join(directory, layout.parts, 'cuda_nvcc/bin/ptxas'))).mode & 0o100).toBe(0o100);
    expect(await inspect(directory, '1.0.0')).toMatchObject({ manifest: { wheels: [{}, { filename: partName }] } });
    const missing = async (): Promise<string[]> =>
      (await askGpu({ paths: pathsHere(), env: environment(), framework: frameworkIn(directory) })).missing;
    expect(await missing()).toEqual([]);
    // One that was installed without the link is mended by the same command, and without the network.
    await rm(join(directory, layout.parts, 'cusparse/lib/libcusolver.so.11'));
    expect(await missing()).toEqual(['libcusolver']);
    await server!.close();
    await installTensorflow(gpu);
    expect(await missing()).toEqual([]);
  });

  it('removes each wheel once it is unpacked, and goes on with what an attempt that failed unpacked', async () => {
    const part = zip(gpuLibraries.map(([path]) => ({ name: `nvidia/${path}`, content: library() })));
    const partName = 'small_part-1.0-py3-none-any.whl';
    const wheels = { [wheelName()]: file(small.wheel), [partName]: status(404) };
    const release = { ...small.release, parts: [wheelOf(part, 'small-part', partName)] };
    const failing = await options(wheels, { variant: 'cuda', release });
    const downloads = join(pathsHere().engines, 'downloads');
    await expect(installTensorflow(failing)).rejects.toMatchObject({ code: 'http-status' });
    expect((await readdir(downloads)).filter((name) => name.endsWith('.whl'))).toEqual([]);
    await server!.close();
    const again = await options({ [partName]: file(part) }, { variant: 'cuda', release });
    expect(await inspect(await installTensorflow(again), '1.0.0')).toHaveProperty('manifest');
    expect(server!.log.filter((line) => line.includes('/files/'))).toEqual([`GET /files/${partName} `.trim()]);
    expect(await readdir(downloads)).toEqual([]);
  });

  it('loads again what was unpacked and is not whole', async () => {
    const broken = join(home, 'broken.cc');
    await writeFile(broken, '#error "this system is too odd"\n');
    const first = await served();
    const failing = installTensorflow({ ...first, bindings: { ...small.bindings, sources: [broken] } });
    await expect(failing).rejects.toMatchObject({ code: 'compilation' });
    const downloads = join(pathsHere().engines, 'downloads');
    await truncate(join(downloads, small.release.wheels[0].sha256, 'deps/lib/libtensorflow_cc.so.2'), 100);
    expect(await inspect(await installTensorflow(first), '1.0.0')).toHaveProperty('manifest');
    expect(await readdir(downloads)).toEqual([]);
  });

  it("refuses wheels among which TensorFlow's loader does not find a library", async () => {
    const damaged = gpuLibraries.map(([path]) => ({
      name: `nvidia/${path}`,
      content: path.includes('cufft') ? Buffer.from('no library') : library(),
    }));
    const partName = 'small_part-1.0-py3-none-any.whl';
    const gpu = await options(
      { [wheelName()]: file(small.wheel), [partName]: file(zip(damaged)) },
      { variant: 'cuda', release: { ...small.release, parts: [wheelOf(zip(damaged), 'small-part', partName)] } },
    );
    const refused = { code: 'engine-broken', message: "TensorFlow's loader does not find libcufft" };
    await expect(installTensorflow(gpu)).rejects.toMatchObject(refused);
    const asked = server!.log.length;
    await expect(installTensorflow(gpu)).rejects.toMatchObject(refused);
    // What was loaded is still there.
    expect(server!.log.slice(asked)).toEqual([]);
  });

  it('says for which machines there is no native engine', async () => {
    const { release, ...real } = await served();
    expect(release).toBeDefined();
    const machine = { platform: 'linux', arch: 'x64', glibc: undefined } as const;
    await expect(installTensorflow({ ...real, machine })).rejects.toThrow('GNU C library');
    const old = { platform: 'linux', arch: 'x64', glibc: '2.17' } as const;
    await expect(installTensorflow({ ...real, machine: old })).rejects.toThrow('this system has 2.17');
    const other = { platform: 'win32', arch: 'x64', glibc: undefined } as const;
    await expect(installTensorflow({ ...real, machine: other })).rejects.toMatchObject({ code: 'unsupported-machine' });
  });
});
