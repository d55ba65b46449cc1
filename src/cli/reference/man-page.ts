import type { Command } from 'commander';

/** `man/firedrill.1`: every command with its arguments and options, for `man firedrill`. Source of the format: man(7) of groff. */
export function formatManPage(program: Command): string {
  return `.\\" Generated from the code by \`npm run docs\`; do not edit.
.TH FIREDRILL 1
.SH NAME
firedrill \\- disaster\\-recovery drills of database backups
.SH SYNOPSIS
.B firedrill
.I command
.RI [ options ]
.SH DESCRIPTION
${toRoff(program.description())}
.SH COMMANDS
${listCommands(program, 'firedrill').join('\n')}
.SH EXIT STATUS
${EXIT_STATUS.map(([code, meaning]) => `.TP\n.B ${code}\n${toRoff(meaning)}`).join('\n')}
.SH ENVIRONMENT
${VARIABLES.map(([name, meaning]) => `.TP\n.B ${name}\n${toRoff(meaning)}`).join('\n')}
.SH FILES
.TP
.I firedrill.yaml
Settings, in the working directory; everything in it is optional.
.TP
.I drills/*.yaml
Drills, a file for one or several.
`;
}

const EXIT_STATUS = [
  ['0', 'Passed: every check passed, within the objectives. Of a command that judges nothing: done.'],
  ['1', 'Failed: the backup is missing, stale or unrestorable, the data is wrong, or recovery is too slow.'],
  ['2', 'Errored: the drill itself broke, so nothing is known about the backup.'],
  ['64', 'The command line or the configuration is wrong.'],
  ['130', 'Interrupted.'],
] as const;

const VARIABLES = [
  ['FIREDRILL_CONFIG', 'The settings file.'],
  ['FIREDRILL_STORE', 'Where history is kept.'],
  ['FIREDRILL_RUNTIME', 'Where servers run, for drills that do not say it.'],
  ['NO_COLOR', 'If set, turns colors off.'],
] as const;

function listCommands(parent: Command, prefix: string): readonly string[] {
  const help = parent.createHelp();
  return help
    .visibleCommands(parent)
    .filter((command) => command.name() !== 'help')
    .flatMap((command) => {
      const name = `${prefix} ${command.name()}`;
      return command.commands.length > 0 ? listCommands(command, name) : [formatCommand(command, name)];
    });
}

function formatCommand(command: Command, name: string): string {
  const help = command.createHelp();
  const details = [
    ...help
      .visibleArguments(command)
      .map((argument) => [help.argumentTerm(argument), help.argumentDescription(argument)]),
    ...help.visibleOptions(command).map((option) => [help.optionTerm(option), help.optionDescription(option)]),
  ];
  const items = details.map(([term = '', text = '']) => `.TP\n.B ${toRoff(term)}\n${toRoff(text)}`);
  return [`.SS ${toRoff(`${name} ${command.usage()}`)}`, toRoff(command.description()), ...items].join('\n');
}

/** Escapes backslashes, hyphens that must be copyable, and control characters at the start of a line, which are special in roff. */
function toRoff(text: string): string {
  return text
    .replaceAll('\\', String.raw`\(rs`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll(/^(?=[.'])/gm, String.raw`\&`)
    .replaceAll('’', String.raw`\(cq`)
    .replaceAll('–', String.raw`\(en`);
}
