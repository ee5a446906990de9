import type { Machine } from '../tensorflow/release.ts';

/**
 * Dawn, Chromium's implementation of WebGPU, as npm's `webgpu` has it for Node. Size and checksums are fixed here, so that
 * neither a mirror nor a network decides what is run.
 */
export const dawnPackage = {
  name: 'webgpu',
  version: '0.6.2',
  bytes: 51_264_151,
  checksum: 'sha512-3L4GfmqJLvYUIEWJngEQY+2HQiUlAFkg8+P8NDDj3Xx5hHHIFO/r8JW+ynfqBj7kHN4mbnwO74uB+lrRtLhp4Q==',
};

/** The part of the package that is loaded. */
export interface DawnLibrary {
  /** Its path in the archive. */
  entry: string;
  bytes: number;
  sha256: string;
}

const library = (folder: string, bytes: number, sha256: string): DawnLibrary => ({
  entry: `package/dist/${folder}/dawn.node`,
  bytes,
  sha256,
});

const linux: Partial<Record<string, DawnLibrary>> = {
  x64: library('linux-x64', 21_526_416, 'ab18a659f8325e874ea45c80347b64336d7f748601102753d2bc669fdecfd710'),
  arm64: library('linux-arm64', 19_643_120, '474a272ac9be570b04fa3791576d32e56f574818e60190c6788a83be90233980'),
};
const mac = library('darwin-universal', 21_881_112, 'f5b278f3dc65276bf1f8a667f91650d32585431d5b2d148ca729f67924c574a3');

/** What the library asks of the GNU C library. */
const oldestGlibc = 34;

/** The library for a machine, or why there is none. */
export function dawnFor({ platform, arch, glibc }: Machine): DawnLibrary | { unsupported: string } {
  if (platform === 'darwin') return mac;
  const found = platform === 'linux' ? linux[arch] : undefined;
  if (found === undefined) return { unsupported: `there is no WebGPU engine for ${platform} on ${arch}` };
  if (glibc === undefined) return { unsupported: 'WebGPU is built for the GNU C library, which this system lacks' };
  if (Number(glibc.split('.')[1]) >= oldestGlibc) return found;
  return { unsupported: `WebGPU needs glibc 2.${oldestGlibc} or newer; this system has ${glibc}` };
}
