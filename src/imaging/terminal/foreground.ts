import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** This process's group, and the one in the terminal's foreground; nothing where the system does not say. */
function groups(): readonly [own: number, foreground: number] | undefined {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync('/proc/self/stat', 'utf8');
      // After the name, which may hold anything: state, parent, group, session, terminal, the terminal's group.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [Number(fields[2]), Number(fields[5])];
    }
    const text = execFileSync('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], { encoding: 'utf8' });
    const [own, foreground] = text.trim().split(/\s+/).map(Number);
    return [own, foreground];
  } catch {
    // No /proc, no ps: nothing is known.
    return undefined;
  }
}

/**
 * Whether this process is a job in the background (`command &`): it would be stopped if it changed the terminal's mode.
 * Where the terminal has no such group, or cannot be asked, it is taken to be in front.
 */
export function isInBackground(): boolean {
  const [own, foreground] = groups() ?? [];
  return own !== undefined && foreground !== undefined && foreground > 0 && own !== foreground;
}
