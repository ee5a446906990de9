import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from 'tar';
import { expect, it, onTestFinished } from 'vitest';
import { dawnIn, installWebgpu, type WebgpuInstallOptions } from '../../../../src/engine/backend/webgpu/install.ts';
import { dawnFor, dawnPackage } from '../../../../src/engine/backend/webgpu/release.ts';
import { engineStatus } from '../../../../src/engine/backend/status.ts';
import { pathsFor } from '../../../../src/engine/base/paths.ts';
import { file, serve, type Answer } from '../../transfer/file-server.ts';
import { noise, recording, temporaryDirectory } from '../../transfer/support.ts';

const content = noise(5000);
const entry = 'package/dist/linux-x64/dawn.node';
const library = { entry, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };

/** An installation of a small library, out of an archive that a registry has for those who know its token. */
async function surroundings(): Promise<{ options: WebgpuInstallOptions; requests: string[]; engines: string }> {
  const home = await temporaryDirectory();
  await mkdir(join(home, 'package/dist/linux-x64'), { recursive: true });
  await writeFile(join(home, entry), content);
  await writeFile(join(home, 'package/index.js'), 'throw new Error()');
  await create({ file: join(home, 'webgpu.tgz'), cwd: home, gzip: true }, ['package']);
  const archive = await readFile(join(home, 'webgpu.tgz'));
  const answer: Answer = (request, response) => {
    if (request.headers.authorization === 'Bearer secret') file(archive)(request, response);
    else response.writeHead(401).end();
  };
  const server = await serve({ '/webgpu/-/webgpu-0.6.2.tgz': answer });
  onTestFinished(() => server.close());
  const host = server.url.replace(/^http:/, '');
  await writeFile(join(home, '.npmrc'), `registry=${server.url}/\n${host}/:_authToken=secret\n`);
  const env = { HOME: home, PATH: process.env['PATH'] };
  const paths = pathsFor(env);
  const checksum = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  const options = {
    paths,
    env,
    context: recording().context,
    library,
    archive: { ...dawnPackage, bytes: archive.length, checksum },
  };
  return { options, requests: server.log, engines: paths.engines };
}

it('comes from the registry that npm is set to, once, whole, and leaves nothing else behind', async () => {
  const { options, requests, engines } = await surroundings();
  const directory = await installWebgpu(options);
  expect(await readFile(dawnIn(directory))).toEqual(content);
  expect(await readdir(directory)).toEqual(['dawn.node']);
  expect((await readdir(engines)).sort()).toEqual(['downloads', directory.split('/').at(-1)]);
  expect(await readdir(join(engines, 'downloads'))).toEqual([]);
  expect(await Promise.all([installWebgpu(options), installWebgpu(options)])).toEqual([directory, directory]);
  expect(requests).toEqual(['GET /webgpu/-/webgpu-0.6.2.tgz']);
});

it('comes from a file, which stays', async () => {
  const { options, requests } = await surroundings();
  const source = join(options.env['HOME']!, 'webgpu.tgz');
  const directory = await installWebgpu({ ...options, source });
  expect(await readFile(dawnIn(directory))).toEqual(content);
  expect([requests, (await readFile(source)).length > 0]).toEqual([[], true]);
});

it.each([
  ['another library', { ...library, sha256: '0'.repeat(64) }],
  ['none for this system', { ...library, entry: 'package/dist/linux-mips/dawn.node' }],
  ['one that is too long', { ...library, bytes: 10 }],
])('is refused where the archive has %s, and nothing is installed', async (_, wanted) => {
  const { options, engines } = await surroundings();
  const source = join(options.env['HOME']!, 'webgpu.tgz');
  const installation = installWebgpu({ ...options, source, library: wanted });
  await expect(installation).rejects.toMatchObject({ code: 'archive-damaged', exitCode: 4 });
  expect(await readdir(engines)).toEqual([]);
});

it('is there for these systems, and says what others lack', () => {
  const found = (platform: NodeJS.Platform, arch: string, glibc?: string) => {
    const library = dawnFor({ platform, arch, glibc });
    return 'entry' in library ? library.entry : library.unsupported;
  };
  expect(found('linux', 'x64', '2.36')).toBe('package/dist/linux-x64/dawn.node');
  expect(found('linux', 'arm64', '2.34')).toBe('package/dist/linux-arm64/dawn.node');
  expect(found('darwin', 'arm64')).toBe('package/dist/darwin-universal/dawn.node');
  expect(found('linux', 'x64', '2.31')).toBe('WebGPU needs glibc 2.34 or newer; this system has 2.31');
  expect(found('linux', 'x64')).toContain('GNU C library');
  expect(found('win32', 'x64')).toBe('there is no WebGPU engine for win32 on x64');
});

it('does not compute with a library that does not load, and says why', async () => {
  const { options } = await surroundings();
  const real = dawnFor({ platform: process.platform, arch: process.arch, glibc: '2.36' });
  if (!('bytes' in real)) return;
  const directory = await installWebgpu(options);
  await writeFile(dawnIn(directory), Buffer.alloc(real.bytes));
  const [webgpu] = (await engineStatus(options.paths, options.env)).filter(({ name }) => name === 'webgpu');
  expect(webgpu).toMatchObject({ installed: true, usable: false, reason: expect.stringContaining('does not load') });
});
