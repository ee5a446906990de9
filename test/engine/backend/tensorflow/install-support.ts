import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { InstallOptions } from '../../../../src/engine/backend/tensorflow/install.ts';
import { engineDirectory } from '../../../../src/engine/backend/tensorflow/layout.ts';
import { thisMachine } from '../../../../src/engine/backend/tensorflow/release.ts';
import { pathsFor, type Paths } from '../../../../src/engine/base/paths.ts';
import { file, serve, type Answer, type FileServer } from '../../transfer/file-server.ts';
import { recording, temporaryDirectory, type Recorded } from '../../transfer/support.ts';
import { buildSmallTensorflow, type SmallTensorflow } from './small-tensorflow.ts';

export let small: SmallTensorflow;
export let home: string;
export let recorded: Recorded;
export let server: FileServer | undefined;
let built: string;

/** A small TensorFlow for the file's tests, and an empty home for each of them. */
export function prepareInstallations(): void {
  beforeAll(async () => {
    built = await mkdtemp(join(tmpdir(), 'deepview-small-'));
    small = await buildSmallTensorflow(built);
  });
  afterAll(() => rm(built, { recursive: true, force: true }));
  beforeEach(async () => {
    home = await temporaryDirectory();
    recorded = recording();
  });
  afterEach(() => server?.close());
}

export const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  HOME: home,
  PATH: process.env['PATH'],
  ...more,
});
export const pathsHere = (): Paths => pathsFor({ HOME: home });
export const directoryHere = (): string => engineDirectory(pathsHere(), 'cpu', thisMachine());

/** An installation from a local index that serves these wheels. */
export async function options(
  wheels: Record<string, Answer>,
  more: Partial<InstallOptions> = {},
): Promise<InstallOptions> {
  const names = Object.keys(wheels);
  const index: Answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' });
    response.end(JSON.stringify({ files: names.map((name) => ({ filename: name, url: `../../files/${name}` })) }));
  };
  server = await serve({
    '/simple/tensorflow-small/': index,
    '/simple/small-part/': index,
    ...Object.fromEntries(names.map((name) => [`/files/${name}`, wheels[name]])),
  });
  return {
    paths: pathsHere(),
    env: environment({ PIP_INDEX_URL: `${server.url}/simple` }),
    context: recorded.context,
    variant: 'cpu',
    release: small.release,
    bindings: small.bindings,
    ...more,
  };
}

export const wheelName = (): string => small.release.wheels[0].filename;
export const served = (more: Partial<InstallOptions> = {}): Promise<InstallOptions> =>
  options({ [wheelName()]: file(small.wheel) }, more);

/** What is in the engines' directory. */
export const left = (): Promise<string[]> => readdir(pathsHere().engines);
