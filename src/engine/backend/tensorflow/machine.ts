import { existsSync } from 'node:fs';
import type { Machine } from './release.ts';

/** The machine this process runs on. */
export function thisMachine(): Machine {
  return { platform: process.platform, arch: process.arch, glibc: glibcVersion() };
}

function glibcVersion(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const report = process.report.getReport() as unknown as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime;
}

/** Whether an NVIDIA driver with a GPU is there. */
export function hasNvidiaGpu(): boolean {
  return existsSync('/dev/nvidia0') && existsSync('/proc/driver/nvidia/version');
}
