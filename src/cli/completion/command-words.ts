import type { Command, Option } from 'commander';

/** What a shell is told of an option. */
export interface OptionWords {
  /** `--config`, then `-c` where there is one. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** Its values, where they are known. */
  readonly choices: readonly string[];
}

/** What a shell is told of a command. */
export interface CommandWords {
  /** `token add`; empty for the program itself. */
  readonly name: string;
  readonly description: string;
  /** The names of its subcommands. */
  readonly subcommands: readonly string[];
  readonly options: readonly OptionWords[];
  /** The values of its first argument, where they are known. */
  readonly choices: readonly string[];
  /** Whether it takes names of files. */
  readonly takesFiles: boolean;
}

/** The program and all its commands, each before its subcommands. */
export function listCommandWords(program: Command): readonly CommandWords[] {
  return describeFrom(program, '');
}

function describeFrom(command: Command, name: string): readonly CommandWords[] {
  const shown = command.createHelp().visibleCommands(command);
  const below = shown.filter((sub) => sub.name() !== 'help');
  const words = {
    name,
    description: command.description(),
    subcommands: shown.map((sub) => sub.name()),
    options: command.createHelp().visibleOptions(command).map(toOptionWords),
    choices: command.registeredArguments[0]?.argChoices ?? [],
    takesFiles: command.registeredArguments.some(({ argChoices }) => !argChoices),
  };
  return [words, ...below.flatMap((sub) => describeFrom(sub, `${name} ${sub.name()}`.trim()))];
}

function toOptionWords({ long, short, description, required, optional, argChoices }: Option): OptionWords {
  return {
    flags: [long, short].filter((flag) => flag !== undefined && flag !== null),
    description,
    takesValue: required || optional,
    choices: argChoices ?? [],
  };
}
