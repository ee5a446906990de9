import { commands, globalOptions } from '../../src/cli/commands.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { resolveSettings, screenChoices } from '../../src/commands/config.ts';
import { errorText } from '../../src/commands/output.ts';
import { DeepviewError, exitCodes } from '../../src/engine/base/errors.ts';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { sceneIn } from '../commands/scene.ts';

/** What a command line comes to in this process, without a terminal: for what does not depend on a process of its own. */
export async function runHere(
  env: NodeJS.ProcessEnv,
  directory: string,
  args: readonly string[],
): Promise<{ code: number; out: string; err: string }> {
  const json = args.includes('--json');
  const { context, out, err } = sceneIn(directory, json);
  const paths = pathsFor(env);
  try {
    const { answer, command, ...given } = parseCommandLine(args, commands, globalOptions);
    if (answer) return { code: exitCodes.done, out: `${answer}\n`, err: '' };
    const { tellsTroubles } = command;
    const source = { flags: given.flags, env, userFile: paths.config, cwd: directory, tellsTroubles };
    const { values: settings, files: configFiles, ...more } = await resolveSettings(source);
    const screen = screenChoices(settings);
    const code = await command.run({ ...given, settings, configFiles, ...more }, { ...context, env, paths, screen });
    return { code, out: out(), err: err() };
  } catch (thrown) {
    const code = thrown instanceof DeepviewError ? thrown.exitCode : exitCodes.failed;
    return { code, out: out(), err: `${err()}${errorText(thrown, { json, debug: false })}` };
  }
}
