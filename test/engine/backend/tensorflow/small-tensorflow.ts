import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Bindings } from '../../../../src/engine/backend/tensorflow/bindings.ts';
import type { Release } from '../../../../src/engine/backend/tensorflow/release.ts';
import type { ZipEntry } from './zip-writer.ts';
import { zip } from './zip-writer.ts';

/** A TensorFlow of one function, with all that its installation goes through: real libraries, headers, an addon. */
export interface SmallTensorflow {
  entries: ZipEntry[];
  wheel: Buffer;
  release: Release;
  bindings: Bindings;
}

export const smallVersion = '9.9.9';

const header = `#pragma once
#ifdef __cplusplus
extern "C"
#endif
const char* TF_Version(void);
`;

const addon = `#include <node_api.h>
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"
static napi_value start(napi_env env, napi_value exports) {
  napi_value text;
  napi_create_string_utf8(env, TF_Version(), NAPI_AUTO_LENGTH, &text);
  napi_set_named_property(env, exports, "TF_Version", text);
  return exports;
}
NAPI_MODULE(small, start)
`;

/** The libraries that TensorFlow's loader looks for, by their wheels' folders, and the functions that load them. */
export const gpuLibraries = [
  ['cuda_runtime/lib/libcudart.so.12', '23GetCudaRuntimeDsoHandleEv'],
  ['cublas/lib/libcublas.so.12', '18GetCublasDsoHandleEv'],
  ['cublas/lib/libcublasLt.so.12', '20GetCublasLtDsoHandleEv'],
  ['cufft/lib/libcufft.so.11', '17GetCufftDsoHandleEv'],
  ['cusolver/lib/libcusolver.so.11', '20GetCusolverDsoHandleEv'],
  ['cusparse/lib/libcusparse.so.12', '20GetCusparseDsoHandleEv'],
  ['cudnn/lib/libcudnn.so.9', '17GetCudnnDsoHandleEv'],
] as const;

/** Loads as TensorFlow does: from within the library whose run path, as the published one's, lacks cusolver's folder. */
const framework = `#include <dlfcn.h>
struct found { long status; void *handle; };
${gpuLibraries
  .map(([path, name]) => {
    const load = `dlopen("${path.replace(/.*\//, '')}", RTLD_LAZY)`;
    return `struct found *_ZN3tsl8internal9DsoLoader${name}(struct found *out) { out->handle = ${load}; return out; }`;
  })
  .join('\n')}
`;
const runPath = ['cuda_runtime', 'cublas', 'cufft', 'cusparse', 'cudnn'].map((part) => `$ORIGIN/../nvidia/${part}/lib`);

/** Compiles it; takes a second. */
export async function buildSmallTensorflow(directory: string, version = smallVersion): Promise<SmallTensorflow> {
  const sources = join(directory, 'small');
  await mkdir(sources, { recursive: true });
  await writeFile(join(sources, 'cc.c'), `const char* TF_Version(void) { return "${version}"; }\n`);
  await writeFile(join(sources, 'framework.c'), framework);
  await writeFile(join(sources, 'binding.cc'), addon);
  const libraries: ZipEntry[] = [];
  for (const name of ['cc', 'framework']) {
    const library = `libtensorflow_${name}.so.2`;
    const output = join(sources, library);
    await promisify(execFile)('cc', [
      '-shared',
      '-fPIC',
      `-Wl,-soname,${library},-rpath,${runPath.join(':')}`,
      join(sources, `${name}.c`),
      '-o',
      output,
    ]);
    libraries.push({ name: `tensorflow/${library}`, content: await readFile(output) });
  }
  const entries: ZipEntry[] = [
    { name: 'tensorflow/__init__.py', content: Buffer.from('raise SystemExit') },
    ...libraries,
    { name: 'tensorflow/include/tensorflow/c/c_api.h', content: Buffer.from(header) },
    { name: 'tensorflow/include/tensorflow/c/eager/c_api.h', content: Buffer.from('#pragma once\n') },
    { name: 'tensorflow/include/tensorflow/core/framework/large.h', content: Buffer.from('#error not needed\n') },
  ];
  const modules = createRequire(import.meta.url);
  const headers = join(dirname(modules.resolve('node-api-headers/package.json')), 'include');
  const wheel = zip(entries);
  return {
    entries,
    wheel,
    release: releaseOf(wheel, version),
    bindings: { version: '1.0.0', sources: [join(sources, 'binding.cc')], include: [headers] },
  };
}

export function releaseOf(wheel: Uint8Array, version = smallVersion): Release {
  return {
    version,
    unpackedBytes: 1e6,
    parts: [],
    wheels: [wheelOf(wheel, 'tensorflow-small', `tensorflow_small-${version}-cp310-cp310-manylinux_2_27_x86_64.whl`)],
  };
}

export function wheelOf(content: Uint8Array, project: string, filename: string): Release['wheels'][number] {
  return { project, filename, sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}
