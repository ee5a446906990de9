import { exitCodes } from '../engine/base/errors.ts';
import type { Command } from './common.ts';

/** A line or two that ask the program itself what may come next; SHELL says how yargs is to put it. */
const scripts = {
  bash: `# bash completion for deepview-tui: source <(deepview-tui completion bash)
_deepview_tui() {
  local IFS=$'\\n' current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=($(compgen -W "$(SHELL=bash deepview-tui --get-yargs-completions "\${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)" -- "$current"))
}
complete -o bashdefault -o default -F _deepview_tui deepview-tui`,
  zsh: `#compdef deepview-tui
# zsh completion for deepview-tui: source <(deepview-tui completion zsh)
_deepview_tui() {
  local -a found
  found=("\${(@f)$(SHELL=zsh deepview-tui --get-yargs-completions "\${(@)words[1,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then _describe deepview-tui found; else _files; fi
}
compdef _deepview_tui deepview-tui`,
  fish: `# fish completion for deepview-tui: deepview-tui completion fish | source
complete -c deepview-tui -a '(env SHELL=fish deepview-tui --get-yargs-completions (commandline -opc) (commandline -ct))'`,
};

export type Shell = keyof typeof scripts;
export const shells = Object.keys(scripts) as Shell[];

/** `completion SHELL`: a script for it. */
export const completion: Command<{ shell: Shell }> = ({ shell }, context) => {
  context.stdout.write(`${scripts[shell]}\n`);
  return Promise.resolve(exitCodes.done);
};
