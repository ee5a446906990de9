import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { rooms } from '../../scripts/rooms.mjs';

const root = new URL('../..', import.meta.url).pathname;
const linter = new ESLint({ cwd: root });

/** What the rules about dependencies say of one import in a file that exists. */
async function findings(file: string, statement: string): Promise<string[]> {
  const [result] = await linter.lintText(`${statement}\n`, { filePath: `${root}${file}` });
  return (result?.messages ?? [])
    .filter((message) => ['import-x/no-restricted-paths', 'no-restricted-imports'].includes(message.ruleId ?? ''))
    .map((message) => message.message);
}

describe('the direction of dependencies between rooms', () => {
  const forbidden: [string, string][] = [
    ['src/engine/run/format.ts', "import '../../views/keys/table.ts';"],
    ['src/engine/run/format.ts', "import '../training/messages.ts';"],
    ['src/engine/metrics/index.ts', "import '../run/format.ts';"],
    ['src/engine/network/receptive-field.ts', "import '../training/messages.ts';"],
    ['src/engine/base/paths.ts', "import '../run/format.ts';"],
    ['src/engine/base/paths.ts', "import '../../imaging/cells/cells.ts';"],
    ['src/engine/base/errors.ts', "import 'react';"],
    ['src/imaging/cells/cells.ts', "import { render } from 'ink'; render;"],
    ['src/imaging/cells/cells.ts', "import '../../engine/base/paths.ts';"],
    ['src/imaging/cells/cells.ts', "import '../../engine/run/format.ts';"],
    ['src/views/keys/table.ts', "import '../../commands/common.ts';"],
    ['src/views/keys/table.ts', "import 'node:fs';"],
    ['src/views/keys/table.ts', "import '../../engine/backend/engine.ts';"],
    ['src/commands/common.ts', "import '../cli/program.ts';"],
    ['src/commands/common.ts', "await import('../cli/program.ts');"],
  ];
  it.each(forbidden)('refuses, in %s, %s', async (file, statement) => {
    expect(await findings(file, statement)).not.toEqual([]);
  });

  const allowed: [string, string][] = [
    ['src/engine/run/format.ts', "import '../network/receptive-field.ts';"],
    ['src/engine/training/messages.ts', "import '../run/format.ts';"],
    ['src/imaging/cells/cells.ts', "import '../../engine/base/errors.ts';"],
    ['src/views/keys/table.ts', "import '../../imaging/cells/cells.ts';"],
    ['src/views/screen/hooks.ts', "import 'react';"],
    ['src/views/home/home.tsx', "import 'ink';"],
    ['src/commands/common.ts', "import '../engine/base/paths.ts';"],
    ['src/commands/common.ts', "import '../../imaging/cells/cells.ts';"],
    ['src/cli/program.ts', "import '../commands/common.ts';"],
  ];
  it.each(allowed)('allows, in %s, %s', async (file, statement) => {
    expect(await findings(file, statement)).toEqual([]);
  });

  it('has no rooms that import each other', () => {
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      (rooms[from] ?? []).some((next) => {
        if (next === to) return true;
        if (seen.has(next)) return false;
        seen.add(next);
        return reaches(next, to, seen);
      });
    expect(Object.keys(rooms).filter((room) => reaches(room, room))).toEqual([]);
  });
});
