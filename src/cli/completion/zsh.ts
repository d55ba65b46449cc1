import { toShell } from '../../support/shell.ts';
import type { CommandWords } from './command-words.ts';

/**
 * Completion for zsh, with descriptions. Where a command takes a file or an unknown value, zsh completes file names.
 * Source: zsh manual, "Completion System".
 */
export function zshCompletion(commands: readonly CommandWords[]): string {
  const descriptions = new Map(commands.map(({ name, description }) => [name, description]));
  const valued = commands.flatMap(({ name, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ flags, choices }) => {
        const pattern = flags.map((flag) => quote(`${name} ${flag}`)).join('|');
        return `    ${pattern}) ${choices.length > 0 ? `compadd -- ${choices.map((word) => quote(word)).join(' ')}` : '_files'}; return ;;`;
      }),
  );
  const known = commands.map(({ name, options, subcommands, choices }) => {
    const words = [
      ...subcommands.map((sub) => item(sub, descriptions.get(`${name} ${sub}`.trim()) ?? 'show help')),
      ...choices.map((choice) => item(choice, '')),
    ];
    const flags = options.flatMap((option) => option.flags.map((flag) => item(flag, option.description)));
    return `    ${quote(name)}) names=(${words.join(' ')}); flags=(${flags.join(' ')}) ;;`;
  });
  const names = commands.filter(({ name }) => name !== '').map(({ name }) => quote(name));
  return `#compdef firedrill
# Completion of firedrill for zsh. Load it with: source <(firedrill completion zsh)
_firedrill() {
  local command='' word longer
  local -a names flags
  for word in "\${(@)words[2,CURRENT-1]}"; do
    longer="\${command:+$command }$word"
    case "$longer" in
      ${names.join('|')}) command=$longer ;;
    esac
  done
  case "$command \${words[CURRENT-1]}" in
${valued.join('\n')}
  esac
  case "$command" in
${known.join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then _describe -o option flags; return; fi
  if (( \${#names} )); then _describe command names; return; fi
  _files
}
if [[ $funcstack[1] == _firedrill ]]; then _firedrill "$@"; else compdef _firedrill firedrill; fi
`;
}

function item(word: string, description: string): string {
  const text = description.replaceAll(':', String.raw`\:`);
  return quote(text === '' ? word : `${word}:${text}`);
}

function quote(text: string): string {
  return toShell([text]);
}
