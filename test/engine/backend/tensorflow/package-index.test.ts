import { afterEach, expect, it } from 'vitest';
import { findWheel } from '../../../../src/engine/backend/tensorflow/package-index.ts';
import type { Wheel } from '../../../../src/engine/backend/tensorflow/release.ts';
import { file, inTurn, serve, status, type Answer, type FileServer } from '../../transfer/file-server.ts';
import { recording } from '../../transfer/support.ts';

let server: FileServer | undefined;
afterEach(() => server?.close());

const wheel = (filename: string): Wheel => ({ project: 'thing', filename, sha256: '', bytes: 1 });
const { context, notices } = recording();

async function index(answer: Answer, user = ''): Promise<NodeJS.ProcessEnv> {
  server = await serve({ '/simple/thing/': answer, '/moved/thing/': answer });
  return { HOME: '/nowhere', PIP_INDEX_URL: `${server.url.replace('//', `//${user}`)}/simple/` };
}

const page =
  (body: string, type: string): Answer =>
  (_request, response) =>
    void response.writeHead(200, { 'content-type': type }).end(body);

it('reads the JSON form and takes the first that is wanted', async () => {
  const files = [
    { filename: 'b.whl', url: 'https://files.example/b.whl' },
    { filename: 'a.whl', url: 'https://files.example/a.whl' },
    { filename: 7 },
  ];
  const env = await index(page(JSON.stringify({ files }), 'application/vnd.pypi.simple.v1+json'));
  const found = await findWheel([wheel('c.whl'), wheel('a.whl'), wheel('b.whl')], context, env);
  expect(found).toEqual({ wheel: wheel('a.whl'), source: { url: 'https://files.example/a.whl' } });
});

it('reads the HTML form: relative links, escapes and checksums in the fragment', async () => {
  const html = `<!DOCTYPE html><a href="../../f/x.whl">x</a>
    <a data-requires-python="&gt;=3.9" href='../../f/a%2Bcpu.whl?k=1&amp;l=2#sha256=00'>a+cpu.whl</a>`;
  const env = await index(page(html, 'text/html; charset=utf-8'));
  const { source } = await findWheel([wheel('a+cpu.whl')], context, env);
  expect(source.url).toBe(`${server!.url}/f/a%2Bcpu.whl?k=1&l=2#sha256=00`);
});

it('asks for the files with the user of the index, but no other host', async () => {
  const html = '<a href="/f/a.whl">a</a> <a href="https://files.example/b.whl">b</a>';
  const env = await index(page(html, 'text/html'), 'me:secret@');
  const own = await findWheel([wheel('a.whl')], context, env);
  expect(own.source.url).toBe(`${server!.url.replace('//', '//me:secret@')}/f/a.whl`);
  const other = await findWheel([wheel('b.whl')], context, env);
  expect(other.source.url).toBe('https://files.example/b.whl');
});

it('resolves links against where a redirect led', async () => {
  const found = page('<a href="a.whl">a</a>', 'text/html');
  const env = await index((request, response) => {
    if (request.url?.startsWith('/moved')) found(request, response);
    else response.writeHead(301, { location: '/moved/thing/' }).end();
  });
  const { source } = await findWheel([wheel('a.whl')], context, env);
  expect(source.url).toBe(`${server!.url}/moved/thing/a.whl`);
});

it('asks again after a passing failure', async () => {
  const env = await index(inTurn(status(503), page('<a href="a.whl">a</a>', 'text/html')));
  await expect(findWheel([wheel('a.whl')], context, env)).resolves.toBeDefined();
});

it('tells a missing project, a missing file and a page that is no index apart', async () => {
  const missing = findWheel([wheel('a.whl')], context, await index(status(404)));
  await expect(missing).rejects.toMatchObject({ code: 'http-status', message: expect.stringContaining('404') });
  await server!.close();
  const empty = findWheel([wheel('a.whl')], context, await index(page('<html>', 'text/html')));
  await expect(empty).rejects.toMatchObject({ code: 'no-wheel' });
  await server!.close();
  const odd = findWheel([wheel('a.whl')], context, await index(page('{"files": 3}', 'application/json')));
  await expect(odd).rejects.toMatchObject({ code: 'index-form' });
});

it('refuses an endless answer', async () => {
  const env = await index(file(Buffer.alloc(33e6, 32)));
  await expect(findWheel([wheel('a.whl')], context, env)).rejects.toMatchObject({ code: 'too-long' });
  expect(notices).toEqual([]);
});
