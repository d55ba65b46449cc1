import type { Command } from 'commander';

/** Every command with its help, exactly as `--help` prints it, as Markdown. */
export function formatCommands(program: Command): string {
  return listCommands(program, 'firedrill')
    .map(([name, command]) => `### ${name}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``)
    .join('\n\n');
}

/** Commands with their full names; a group is replaced by its subcommands. */
function listCommands(parent: Command, prefix: string): readonly (readonly [string, Command])[] {
  return parent.commands
    .filter((command) => command.name() !== 'help')
    .flatMap((command) => {
      const name = `${prefix} ${command.name()}`;
      return command.commands.length > 0 ? listCommands(command, name) : [[name, command] as const];
    });
}

/** Includes the texts added after the help, at a fixed width that does not depend on the terminal. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}
