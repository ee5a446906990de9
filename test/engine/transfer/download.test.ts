import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { download, npmChecksum, type DownloadOptions } from '../../../src/engine/transfer/download.ts';
import { openForWriting } from '../../../src/engine/transfer/partial-file.ts';
import { breaking, file, inTurn, serve, stalling, status, type Answer, type FileServer } from './file-server.ts';
import { noise, recording, sha256, temporaryDirectory, type Recorded } from './support.ts';

const bytes = noise(300_000);
let server: FileServer | undefined;
let directory: string;
let recorded: Recorded;

beforeEach(async () => {
  directory = await temporaryDirectory();
  recorded = recording();
});
afterEach(() => server?.close());

async function options(answer: Answer, more: Partial<DownloadOptions> = {}): Promise<DownloadOptions> {
  server = await serve({ '/file': answer });
  return {
    source: { url: `${server.url}/file` },
    destination: join(directory, 'file.bin'),
    checksum: sha256(bytes),
    size: bytes.length,
    label: 'downloading a file',
    context: recorded.context,
    env: {},
    backoff: 1,
    ...more,
  };
}

const loaded = (): Promise<Buffer> => readFile(join(directory, 'file.bin'));

describe('download', () => {
  it('loads a file, tells how far it is, and leaves nothing else behind', async () => {
    await download(await options(file(bytes)));
    expect((await loaded()).equals(bytes)).toBe(true);
    expect(await readdir(directory)).toEqual(['file.bin']);
    expect(recorded.progress.at(-1)).toMatchObject({ done: bytes.length, total: bytes.length, unit: 'bytes' });
  });

  it('does not load again what is there and right', async () => {
    const again = await options(file(bytes));
    await download(again);
    await download(again);
    expect(server!.log).toHaveLength(1);
  });

  it('replaces a finished file that is not the expected one', async () => {
    await writeFile(join(directory, 'file.bin'), noise(300_000, 9));
    await download(await options(file(bytes)));
    expect((await loaded()).equals(bytes)).toBe(true);
  });

  it('goes on where a connection broke off, as often as it breaks', async () => {
    await download(await options(breaking(bytes, 40_000, 7)));
    expect((await loaded()).equals(bytes)).toBe(true);
    expect(server!.log.length).toBeGreaterThan(7);
    expect(server!.log.slice(1).every((line) => line.includes('bytes='))).toBe(true);
  });

  it('keeps what was loaded when it is cancelled, and resumes it', async () => {
    const first = await options(stalling(bytes, 100_000));
    const cancelled = expect(download(first)).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
    await expect.poll(() => stat(join(directory, 'file.bin.part')).then(({ size }) => size)).toBe(100_000);
    recorded.abort.abort();
    await cancelled;
    const part = (await stat(join(directory, 'file.bin.part'))).size;
    expect(part).toBe(100_000);
    await server!.close();
    recorded = recording();
    await download(await options(file(bytes)));
    expect((await loaded()).equals(bytes)).toBe(true);
    expect(server!.log).toEqual([`GET /file bytes=${part}-`]);
    expect(recorded.progress[0]).toMatchObject({ done: part, total: bytes.length });
  });

  it('starts over when the file on the server has changed since', async () => {
    const old = await options(breaking(noise(300_000, 5), 50_000, 99), { checksum: sha256(noise(300_000, 5)) });
    await expect(download({ ...old, open: dying(30_000) })).rejects.toThrow('dying');
    await server!.close();
    const changed = await options(file(bytes, '"two"'));
    await download(changed);
    expect((await loaded()).equals(bytes)).toBe(true);
  });

  it('loads from the beginning once when what an earlier attempt left was damaged', async () => {
    const damaged = Buffer.from(bytes.subarray(0, 100_000));
    damaged[500] ^= 1;
    await writeFile(join(directory, 'file.bin.part'), damaged);
    await download(await options(file(bytes)));
    expect((await loaded()).equals(bytes)).toBe(true);
    expect(recorded.notices).toEqual([expect.stringContaining('damaged')]);
  });

  it('finishes a part that was already whole', async () => {
    await writeFile(join(directory, 'file.bin.part'), bytes);
    await download(await options(file(bytes)));
    expect((await loaded()).equals(bytes)).toBe(true);
  });

  it('works with a server that knows no ranges', async () => {
    await writeFile(join(directory, 'file.bin.part'), bytes.subarray(0, 1000));
    const plain: Answer = (_request, response) => void response.writeHead(200).end(bytes);
    await download(await options(plain));
    expect((await loaded()).equals(bytes)).toBe(true);
  });

  it('refuses a file with a flipped bit and deletes it', async () => {
    const flipped = Buffer.from(bytes);
    flipped[123_456] ^= 4;
    await expect(download(await options(file(flipped)))).rejects.toMatchObject({ code: 'checksum' });
    expect(await readdir(directory)).toEqual([]);
  });

  it('refuses a file of the wrong size before it is loaded', async () => {
    const wrong = download(await options(file(bytes.subarray(5))));
    await expect(wrong).rejects.toMatchObject({ code: 'size' });
  });

  it('refuses a file that does not end where it should, and keeps none of what is too much', async () => {
    const endless: Answer = (_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        // A connection that is closed is no longer written to.
        if (!response.destroyed) response.write(noise(100_000), () => setImmediate(more));
      };
      more();
    };
    await expect(download(await options(endless))).rejects.toMatchObject({ code: 'size' });
    expect((await stat(join(directory, 'file.bin.part'))).size).toBeLessThanOrEqual(bytes.length);
    expect(server!.log).toHaveLength(1);
  });

  it('says which HTTP status came, without asking again', async () => {
    const missing = download(await options(status(404)));
    await expect(missing).rejects.toMatchObject({ code: 'http-status', message: expect.stringContaining('404') });
    expect(server!.log).toHaveLength(1);
  });

  it('asks again after a passing failure of the server, and gives up on a lasting one', async () => {
    await download(await options(inTurn(status(500), status(503), file(bytes))));
    expect((await loaded()).equals(bytes)).toBe(true);
    await server!.close();
    const lasting = await options(status(500), { destination: join(directory, 'other') });
    await expect(download(lasting)).rejects.toMatchObject({ code: 'http-status' });
    expect(server!.log).toHaveLength(5);
  });

  it('follows redirects, without taking a password to another host', async () => {
    const seen: unknown[] = [];
    const target = await serve({
      '/target': (request, response) => {
        seen.push(request.headers.authorization);
        file(bytes)(request, response);
      },
    });
    const first = await options((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: `${target.url}/target` }).end();
    });
    const withUser = `${server!.url}/file`.replace('http://', 'http://user:secret@');
    await download({ ...first, source: { url: withUser } });
    await target.close();
    expect(seen).toEqual([`Basic ${Buffer.from('user:secret').toString('base64')}`, undefined]);
  });

  it('does not show a password in a message', async () => {
    const first = await options(status(403));
    const withUser = `${server!.url}/file`.replace('http://', 'http://user:secret@');
    const message = await download({ ...first, source: { url: withUser } }).catch((error: unknown) => String(error));
    expect(message).toContain('403');
    expect(message).not.toContain('secret');
  });

  it('goes through the proxy of the environment', async () => {
    const proxy = await serve({ 'http://files.example/file': file(bytes) });
    const through = await options(status(500));
    try {
      const source = { url: 'http://files.example/file' };
      await download({ ...through, source, env: { HTTP_PROXY: proxy.url } });
    } finally {
      await proxy.close();
    }
    expect((await loaded()).equals(bytes)).toBe(true);
  });

  it('says which host cannot be reached', async () => {
    const first = await options(file(bytes));
    await server!.close();
    const failed = download(first);
    await expect(failed).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('127.0.0.1') });
  });

  it('gives up on a connection that stays silent', async () => {
    const silent = download(await options(stalling(bytes, 10), { stall: 50 }));
    await expect(silent).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('asks for space before it loads', async () => {
    const full = download(await options(file(bytes), { free: () => Promise.resolve(1000) }));
    await expect(full).rejects.toMatchObject({ code: 'disk-full', message: expect.stringContaining('300 kB needed') });
  });

  it('keeps its part when the disk fills up meanwhile', async () => {
    const full = download(await options(file(bytes), { open: dying(60_000, 'ENOSPC') }));
    await expect(full).rejects.toMatchObject({ code: 'disk-full' });
    expect((await stat(join(directory, 'file.bin.part'))).size).toBeGreaterThan(0);
    expect(await readdir(directory)).not.toContain('file.bin');
  });

  it('says where it may not write', async () => {
    const refused = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    const failed = download(await options(file(bytes), { open: () => Promise.reject(refused) }));
    await expect(failed).rejects.toMatchObject({ code: 'no-permission', message: expect.stringContaining(directory) });
  });

  it('lets one of two loaders load and the other wait', async () => {
    const both = await options(file(bytes));
    await Promise.all([download(both), download(both)]);
    expect(server!.log).toHaveLength(1);
    expect((await loaded()).equals(bytes)).toBe(true);
  });
});

describe('npmChecksum', () => {
  it('reads the form of npm', () => {
    const { hex } = sha256(bytes);
    expect(npmChecksum(`sha256-${Buffer.from(hex, 'hex').toString('base64')}`)).toEqual({ algorithm: 'sha256', hex });
    expect(() => npmChecksum('sha3-\u001b[2J')).toThrow('Not a checksum: sha3-\ufffd[2J');
  });
});

/** A disk on which only so many bytes fit. */
function dying(room: number, code = 'dying'): NonNullable<DownloadOptions['open']> {
  return async (path, how) => {
    const real = await openForWriting(path, how);
    let left = room;
    return {
      ...real,
      write: async (chunk) => {
        await real.write(chunk.subarray(0, left));
        left -= chunk.length;
        if (left < 0) throw Object.assign(new Error(code), { code });
      },
    };
  };
}
