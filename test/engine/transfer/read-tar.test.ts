import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readTar, type TarFile, type TarOptions } from '../../../src/engine/transfer/read-tar.ts';
import { noise, temporaryDirectory } from './support.ts';
import { rawEntry, tarEnd } from '../data/published/small-archives.ts';

async function read(archive: Buffer, options: Partial<TarOptions> = {}): Promise<TarFile[]> {
  const path = join(await temporaryDirectory(), 'archive.tar.gz');
  await writeFile(path, archive);
  const files: TarFile[] = [];
  const all: TarOptions = {
    wanted: () => 2 ** 20,
    bounds: { bytes: 2 ** 22, entries: 100 },
    signal: new AbortController().signal,
    ...options,
  };
  for await (const file of readTar(path, all)) files.push(file);
  return files;
}

const content = noise(200_000);
const plain = Buffer.concat([rawEntry('a/one', content), rawEntry('a/two', Buffer.from('two')), tarEnd]);

describe('readTar', () => {
  it('reads the wanted files, gzipped or not, and says how far it is', async () => {
    for (const archive of [plain, gzipSync(plain)]) {
      const seen: number[] = [];
      const files = await read(archive, {
        wanted: (path) => (path === 'a/one' ? 200_000 : undefined),
        onRead: (done, total) => seen.push(done / total),
      });
      expect(files.map(({ path }) => path)).toEqual(['a/one']);
      expect(files[0].content.equals(content)).toBe(true);
      expect(seen.at(-1)).toBe(1);
    }
    expect((await read(gzipSync(plain))).map(({ path }) => path)).toEqual(['a/one', 'a/two']);
  });

  const damaged = {
    code: 'archive-damaged',
    exitCode: 4,
    message: expect.stringContaining('archive.tar.gz') as string,
  };
  const zipped = gzipSync(plain);
  const flipped = (bytes: Buffer, at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at] ^= 0x10;
    return copy;
  };

  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['a text', Buffer.from('<html>not found</html>'.repeat(100))],
    ['a gzip that ends early', zipped.subarray(0, zipped.length / 2)],
    ['a gzip without its last byte', zipped.subarray(0, -1)],
    ['a gzip with one bit flipped', flipped(zipped, zipped.length >> 1)],
    ['a tar that ends within a file', plain.subarray(0, 1000)],
    ['a gzipped tar that ends within a file', gzipSync(plain.subarray(0, 1000))],
    ['a tar with a flipped bit in a header', flipped(plain, 3)],
  ])('refuses %s', async (_what, archive) => {
    await expect(read(archive)).rejects.toMatchObject(damaged);
  });

  it.each([
    ['an absolute path', rawEntry('/etc/passwd', content)],
    ['a path that climbs out', rawEntry('a/../../b', content)],
    ['a path that climbs out backwards', rawEntry('a\\..\\..\\b', content)],
    ['a drive', rawEntry('C:/b', content)],
    ['a symbolic link', rawEntry('a/one', Buffer.alloc(0), { type: 'SymbolicLink', linkpath: '/etc/passwd' })],
    ['a hard link', rawEntry('a/one', Buffer.alloc(0), { type: 'Link', linkpath: 'a/two' })],
    ['a device', rawEntry('a/one', Buffer.alloc(0), { type: 'CharacterDevice' })],
  ])('refuses an archive with %s, wanted or not', async (_what, entry) => {
    const archive = Buffer.concat([entry, plain]);
    const hostile = { code: 'archive-hostile', exitCode: 4 };
    await expect(read(archive)).rejects.toMatchObject(hostile);
    await expect(read(gzipSync(archive), { wanted: () => undefined })).rejects.toMatchObject(hostile);
  });

  it('refuses a bomb before it fills the memory, and too many entries', async () => {
    const bomb = gzipSync(Buffer.concat([rawEntry('a/zero', Buffer.alloc(2 ** 25)), tarEnd]));
    expect(bomb.length).toBeLessThan(50_000);
    await expect(read(bomb, { wanted: () => undefined })).rejects.toMatchObject({ code: 'archive-hostile' });
    await expect(read(bomb)).rejects.toMatchObject({
      code: 'archive-damaged',
      message: expect.stringContaining('33554432') as string,
    });
    const many = Buffer.concat([...Array<Buffer>(101).fill(rawEntry('a/x', Buffer.alloc(0))), tarEnd]);
    await expect(read(many)).rejects.toMatchObject({ code: 'archive-hostile' });
  });

  it('does not believe a size of its own that is huge', async () => {
    const lie = Buffer.concat([rawEntry('a/one', Buffer.alloc(512), { size: 2 ** 33 }), tarEnd]);
    await expect(read(lie)).rejects.toMatchObject(damaged);
  });

  it('makes hostile names harmless in its messages', async () => {
    const archive = Buffer.concat([rawEntry('/\u001b[2Jx', Buffer.alloc(0)), plain]);
    await expect(read(archive)).rejects.toThrow('/\ufffd[2Jx');
  });

  it('says when there is no such file, and when it was cancelled', async () => {
    const options: TarOptions = { wanted: () => 9, bounds: { bytes: 9, entries: 9 }, signal: AbortSignal.abort() };
    await expect(readTar('/nowhere/x.tar', options).next()).rejects.toMatchObject({ code: 'not-found', exitCode: 4 });
    await expect(read(zipped, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });
});
