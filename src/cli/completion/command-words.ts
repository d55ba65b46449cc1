import type { Command, Option } from 'commander';

/** An option, as described to a shell. */
export interface OptionWords {
  /** `--config`, then `-c` if there is one. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** Its values, if known. */
  readonly choices: readonly string[];
}

/** A command, as described to a shell. */
export interface CommandWords {
  /** `token add`; empty for the program itself. */
  readonly name: string;
  readonly description: string;
  /** The names of its subcommands. */
  readonly subcommands: readonly string[];
  readonly options: readonly OptionWords[];
  /** The values of its first argument, if known. */
  readonly choices: readonly string[];
  /** Whether it takes file names. */
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
