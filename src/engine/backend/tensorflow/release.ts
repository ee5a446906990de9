/**
 * The TensorFlow release that is installed, as its publisher put it on PyPI. Names, sizes and checksums are fixed here,
 * so that neither a mirror nor a network decides what is run. No Python is run: the wheel's Python tag does not matter.
 */
export interface Wheel {
  /** On the index, such as `tensorflow-cpu`. */
  project: string;
  filename: string;
  sha256: string;
  bytes: number;
}

export type Variant = 'cpu' | 'cuda';

export interface Release {
  version: string;
  /** With the two libraries and the headers. Any of them will do, the first is preferred. */
  wheels: readonly Wheel[];
  /** Libraries that a GPU needs besides. */
  parts: readonly Wheel[];
  /** Bytes on disk once unpacked. */
  unpackedBytes: number;
}

export const tensorflowVersion = '2.21.0';

/** @param table of the wheels: the Python version, bytes and SHA-256 of each */
function releaseOf(
  project: string,
  platform: string,
  table: readonly (readonly [python: string, bytes: number, sha256: string])[],
  rest: Pick<Release, 'parts' | 'unpackedBytes'>,
): Release {
  const wheels = table.map(([python, bytes, sha256]): Wheel => {
    const name = `${project.replace('-', '_')}-${tensorflowVersion}-${python}-${python}`;
    return { project, filename: `${name}-manylinux_2_27_${platform}.whl`, sha256, bytes };
  });
  return { version: tensorflowVersion, wheels, ...rest };
}

/**
 * The newest that the release's metadata allows, as of its pinning: what follows `nvidia-`, version, manylinux, bytes
 * and SHA-256.
 */
const cudaParts: readonly Wheel[] = `
  cublas 12.9.3.13 2_27 581217458 d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72
  cuda-cupti 12.9.79 2_25 10814997 096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f
  cuda-nvcc 12.9.86 2010 40546229 5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0
  cuda-nvrtc 12.9.86 2010 89568129 210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4
  cuda-runtime 12.9.79 2014 3493179 25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3
  cudnn 9.28.0.42 2_27 716538495 9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375
  cufft 11.4.1.4 2014 200877592 c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28
  curand 10.3.10.19 2_27 68295626 49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e
  cusolver 11.7.5.82 2_27 338117415 15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88
  cusparse 12.5.10.65 2014 366465088 73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78
  nccl 2.32.3 2_27 351526311 bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c
  nvjitlink 12.9.86 2010 39748338 e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9
`
  .trim()
  .split('\n')
  .map((row) => {
    const [part, version, tag, bytes, sha256] = row.trim().split(' ');
    const manylinux = { 2010: '2010_x86_64.manylinux_2_12', 2014: '2014_x86_64.manylinux_2_17' }[tag] ?? `_${tag}`;
    const file = `nvidia_${part.replaceAll('-', '_')}_cu12-${version}-py3-none-manylinux${manylinux}_x86_64.whl`;
    return { project: `nvidia-${part}-cu12`, filename: file, bytes: Number(bytes), sha256 };
  });

const cpuLinuxX64 = releaseOf(
  'tensorflow-cpu',
  'x86_64',
  [
    ['cp310', 273601549, 'd143e92f5c0661cdfa26eaca8f73cd2efd0ec53a68af8dec82f584ba8eb14b83'],
    ['cp311', 273829956, '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c'],
    ['cp312', 274000871, 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb'],
    ['cp313', 274271560, '05af7c26d35f4de910b5598c7b507e3981831a7b0f47fed9a405d995d51d7793'],
  ],
  { parts: [], unpackedBytes: 860e6 },
);

const cpuLinuxArm64 = releaseOf(
  'tensorflow',
  'aarch64',
  [
    ['cp310', 281604511, '7c97938b25cf70c80ae8619931f85abcdee2ab2eb256c2051202edb3b89e9a5d'],
    ['cp311', 281828020, '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c'],
    ['cp312', 281946471, 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552'],
    ['cp313', 282213003, 'a10abdfb8b1189210c251021a3f153b7ccc52a8e6521351f3dc3331e8ba593e0'],
  ],
  { parts: [], unpackedBytes: 1e9 },
);

const cudaLinuxX64 = releaseOf(
  'tensorflow',
  'x86_64',
  [
    ['cp310', 572211261, '77c6f298e695ea1d283cdd7d30f8d97530cc6e92c1395a9ddbab9771c99233a4'],
    ['cp311', 572440367, '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124'],
    ['cp312', 572611111, 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0'],
    ['cp313', 572881074, 'e9d8da8dcab9650efb45f032ba70af2f016f907e6e0c6bda29dd101bba945406'],
  ],
  { parts: cudaParts, unpackedBytes: 5.7e9 },
);

/** What a machine is, as far as an engine's choice depends on it. */
export interface Machine {
  platform: NodeJS.Platform;
  arch: string;
  /** The version of the GNU C library; absent with another one (musl, say). */
  glibc: string | undefined;
}

/** The machine this process runs on. */
export function thisMachine(): Machine {
  return { platform: process.platform, arch: process.arch, glibc: glibcVersion() };
}

function glibcVersion(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const report = process.report.getReport() as unknown as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime;
}

/** The release for a machine, or why there is none. */
export function releaseFor(variant: Variant, machine: Machine): Release | { unsupported: string } {
  const { platform, arch, glibc } = machine;
  if (platform !== 'linux') return { unsupported: `the native engine is not made for ${platform} yet` };
  if (glibc === undefined) return { unsupported: 'TensorFlow is built for the GNU C library, which this system lacks' };
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  if (major < 2 || (major === 2 && minor < 27)) {
    return { unsupported: `TensorFlow needs glibc 2.27 or newer; this system has ${glibc}` };
  }
  if (variant === 'cuda') {
    return arch === 'x64' ? cudaLinuxX64 : { unsupported: `there is no CUDA build of TensorFlow for ${arch}` };
  }
  if (arch === 'x64') return cpuLinuxX64;
  if (arch === 'arm64') return cpuLinuxArm64;
  return { unsupported: `there is no TensorFlow for ${platform} on ${arch}` };
}
