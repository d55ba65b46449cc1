import type { Command } from 'commander';

/** Every command with its help, exactly as `--help` prints it, as Markdown. */
export function formatCommands(program: Command): string {
  return program.commands
    .filter((command) => command.name() !== 'help')
    .map((command) => `### firedrill ${command.name()}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``)
    .join('\n\n');
}

/** With the texts that are added after the help, at a width of its own: not that of whoever generates it. */
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
