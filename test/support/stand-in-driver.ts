import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const sources = {
  'libcuda.so.1': `
    int cuInit(unsigned flags) { return number("DRIVER_CODE", 0); }
    int cuDeviceGetCount(int *count) { *count = number("DRIVER_GPUS", 2); return 0; }
    int cuDeviceGetName(char *text, int length, int device) { return snprintf(text, length, "Stand-in %d", device) < 0; }
    int cuDriverGetVersion(int *version) { *version = number("DRIVER_VERSION", 12040); return 0; }
    int cuGetErrorString(int code, const char **text) { *text = "system not yet initialized"; return 0; }`,
  'libnvidia-ml.so.1': `
    int nvmlInit_v2(void) { return 0; }
    int nvmlDeviceGetCount_v2(unsigned *count) { *count = number("MACHINE_GPUS", 1); return 0; }
    int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) { return 0; }
    int nvmlDeviceGetName(void *device, char *text, unsigned length) { return snprintf(text, length, "Stand-in 0") < 0; }`,
};

/**
 * Libraries with those functions of NVIDIA's drivers that are asked, for machines without a GPU; variables of the
 * environment say what they answer. To be named in LD_LIBRARY_PATH.
 */
export async function standInDriver(directory: string, ...names: (keyof typeof sources)[]): Promise<string> {
  await mkdir(directory, { recursive: true });
  for (const name of names) {
    const source = join(directory, `${name}.c`);
    const number =
      'static int number(const char *name, int usual) { const char *text = getenv(name); return text ? atoi(text) : usual; }';
    await writeFile(source, `#include <stdio.h>\n#include <stdlib.h>\n${number}\n${sources[name]}\n`);
    await promisify(execFile)('cc', ['-shared', '-fPIC', '-w', source, '-o', join(directory, name)]);
  }
  return directory;
}
