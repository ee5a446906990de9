import { printable } from '../../base/printable.ts';
import { run } from '../tensorflow/compiler.ts';
import { dawnIn } from './install.ts';

/** What WebGPU would compute on. */
export interface Adapter {
  /** As its driver calls it. */
  name: string;
  /** Whether it is a program that stands in for a GPU. */
  software: boolean;
}

/** What is read of an adapter (https://www.w3.org/TR/webgpu/#gpuadapterinfo). */
export interface AdapterInfo {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  isFallbackAdapter: boolean;
}

/** The name for people: the device's where the driver tells it. */
export function adapterOf(info: AdapterInfo): Adapter {
  const device = info.device.replace(/\W+$/, '') || `${info.vendor} ${info.architecture}`.trim();
  const name = info.description ? `${device} (${info.description})` : device;
  return { name: printable(name, 200), software: info.isFallbackAdapter };
}

/** The best adapter of the machine; a training asks for the same. */
export const adapterWanted = { powerPreference: 'high-performance' } as const;

const program = `const { create } = require(process.argv[1]);
create([]).requestAdapter(${JSON.stringify(adapterWanted)}).then((adapter) => {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter?.info ?? {};
  const info = adapter ? { vendor, architecture, device, description, isFallbackAdapter } : null;
  process.stdout.write('\\nadapter ' + JSON.stringify(info) + '\\n', () => process.exit());
});`;

/**
 * What an installed engine would compute on, or why on nothing. It is asked in a process of its own: drivers print, and
 * may take long or crash.
 */
export async function askAdapter(
  directory: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal = AbortSignal.timeout(30_000),
): Promise<Adapter | { hindrance: string }> {
  const { code, output } = await run([process.execPath, '-e', program, dawnIn(directory)], [], {
    env: { ...env, NODE_OPTIONS: '' },
    signal,
  });
  const answer = /^adapter (.*)$/m.exec(output)?.[1];
  const info = answer === undefined ? undefined : (JSON.parse(answer) as AdapterInfo | null);
  if (info) return adapterOf(info);
  const lines = output.split('\n').map((line) => line.trim());
  if (info === undefined) {
    const line = lines.find((each) => /error|cannot|not found/i.test(each)) ?? `exit status ${code}`;
    return { hindrance: `it does not load: ${printable(line, 300)}` };
  }
  if (lines.some((line) => line.includes('libvulkan.so'))) {
    return { hindrance: 'the loader of Vulkan, libvulkan.so.1, is not there (Debian, Ubuntu: apt install libvulkan1)' };
  }
  return { hindrance: `no GPU offers ${process.platform === 'linux' ? 'Vulkan' : 'Metal'}` };
}
