import type { CommandWords, OptionWords } from './command-words.ts';

/** Completion for fish 3.0 or later, with descriptions. Source: fish manual, `complete`. */
export function fishCompletion(commands: readonly CommandWords[]): string {
  const names = commands.filter(({ name }) => name !== '').map(({ name }) => quote(name));
  const lines = commands.flatMap((command) => {
    const at = `complete -c firedrill -n ${quote(`__firedrill_at ${quote(command.name)}`)}`;
    return [
      ...listSubcommands(command, commands).map(([sub, text]) => `${at} -f -a ${quote(sub)} -d ${quote(text)}`),
      ...(command.choices.length > 0 ? [`${at} -f -a ${quote(command.choices.join(' '))}`] : []),
      ...(command.takesFiles || command.choices.length > 0 || command.subcommands.length > 0 ? [] : [`${at} -f`]),
      ...command.options.map((option) => `${at} ${formatOption(option)}`),
    ];
  });
  return `# Completion of firedrill for fish. Load it with: firedrill completion fish | source
function __firedrill_at
  set -l command ''
  for word in (commandline -opc)[2..-1]
    set -l longer (string trim -- "$command $word")
    switch "$longer"
      case ${names.join(' ')}
        set command $longer
    end
  end
  test "$command" = "$argv[1]"
end
${lines.join('\n')}
`;
}

function listSubcommands(
  { name, subcommands }: CommandWords,
  commands: readonly CommandWords[],
): readonly (readonly [name: string, description: string])[] {
  const descriptions = new Map(commands.map((command) => [command.name, command.description]));
  return subcommands.map((sub) => [sub, descriptions.get(`${name} ${sub}`.trim()) ?? 'show help of a command']);
}

function formatOption({ flags, description, takesValue, choices }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const values = choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : takesValue ? ' -r' : '';
  return `${names.join(' ')}${values} -d ${quote(description)}`;
}

/** Within single quotes, fish requires a backslash before a quote or a backslash. */
function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
