import { toShell } from '../../support/shell.ts';
import type { CommandWords } from './command-words.ts';

/**
 * Completion for bash 3.2 or later. Where a command takes a file or an unknown value, bash completes file names.
 * Source: GNU Bash manual, "Programmable Completion".
 */
export function bashCompletion(commands: readonly CommandWords[]): string {
  const valued = commands.flatMap(({ name, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ flags, choices }) => {
        const pattern = flags.map((flag) => quote(`${name} ${flag}`)).join('|');
        return `    ${pattern}) COMPREPLY=(${choices.length > 0 ? compgen(choices) : ''}); return ;;`;
      }),
  );
  const known = commands.map(({ name, options, subcommands, choices }) => {
    const flags = options.flatMap((option) => option.flags);
    return `    ${quote(name)}) words=${quote([...subcommands, ...choices].join(' '))} flags=${quote(flags.join(' '))} ;;`;
  });
  const names = commands.filter(({ name }) => name !== '').map(({ name }) => quote(name));
  return `# Completion of firedrill for bash. Load it with: source <(firedrill completion bash)
_firedrill() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command='' words='' flags='' word longer
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    longer="\${command:+$command }$word"
    case "$longer" in
      ${names.join('|')}) command=$longer ;;
    esac
  done
  case "$command $prev" in
${valued.join('\n')}
  esac
  case "$command" in
${known.join('\n')}
  esac
  if [[ $cur == -* ]]; then words=$flags; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _firedrill firedrill
`;
}

function compgen(words: readonly string[]): string {
  return `$(compgen -W ${quote(words.join(' '))} -- "$cur")`;
}

function quote(text: string): string {
  return toShell([text]);
}
