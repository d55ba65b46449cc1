import { Command, CommanderError, Help } from 'commander';
import { EXIT } from '../support/errors.ts';
import { defineAcknowledgeCommands } from './program/acknowledge-commands.ts';
import { defineBisectCommand } from './program/bisect-command.ts';
import { type Define, EXIT_CODES, OK_OR_USAGE } from './program/define.ts';
import { defineDrillCommands } from './program/drill-commands.ts';
import { defineEventsCommand } from './program/events-command.ts';
import { defineEvidenceCommand } from './program/evidence-command.ts';
import { defineFingerprintCommand } from './program/fingerprint-command.ts';
import { defineHistoryCommands } from './program/history-commands.ts';
import { defineProveCommand } from './program/prove-command.ts';
import { defineSilenceCommands } from './program/silence-command.ts';
import { defineStoreCommands } from './program/store-command.ts';
import { defineUpkeepCommands } from './program/upkeep-commands.ts';
import type { Toolbox } from './toolbox.ts';

/** The command line: defines every option; the reference in docs/ is generated from it. */
export function createProgram(tools: Toolbox): {
  run(argv: readonly string[]): Promise<number>;
  readonly command: Command;
} {
  let exitCode: number = EXIT.passed;
  const { io } = tools;
  const program = new Command('firedrill')
    .description(
      'Restores the latest backups into throw-away sandboxes, proves the data, and holds the recovery time to its target.',
    )
    .version(tools.version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) => write(`usage: ${text.replace(/^error: /, '')}`),
    })
    .configureHelp({
      // a flag is obviously off by default
      optionDescription: (option) => new Help().optionDescription(option).replace(' (default: false)', ''),
    })
    .helpCommand('help [command]', 'show help of a command')
    .showHelpAfterError('HINT: `firedrill --help` lists the commands.')
    .exitOverride()
    .addHelpText('after', EXIT_CODES);

  const add = (name: string, description: string, example: string, codes = OK_OR_USAGE, parent = program) =>
    parent
      .command(name)
      .description(description)
      .helpOption('-h, --help', 'show help')
      .showHelpAfterError(`HINT: \`${pathOf(parent)} ${name.split(' ')[0]} --help\` shows what it takes.`)
      .option('-c, --config <file>', 'settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)')
      .addHelpText('after', `\nExample:\n  ${example}\n${codes}`);
  const pathOf = (parent: Command) => (parent === program ? 'firedrill' : `firedrill ${parent.name()}`);
  const addGroup = (name: string, description: string) =>
    program.command(name).description(description).helpOption('-h, --help', 'show help').helpCommand(false);
  const done = async (code: Promise<number>) => {
    exitCode = await code;
  };

  const define: Define = { tools, program, add, addGroup, done };
  defineDrillCommands(define);
  defineFingerprintCommand(define);
  defineProveCommand(define);
  defineBisectCommand(define);
  defineEventsCommand(define);
  defineHistoryCommands(define);
  defineEvidenceCommand(define);
  defineAcknowledgeCommands(define);
  defineSilenceCommands(define);
  defineStoreCommands(define);
  defineUpkeepCommands(define);

  return {
    command: program,
    run: async (argv) => {
      try {
        if (argv.length === 0) {
          program.outputHelp({ error: true });
          return EXIT.usage;
        }
        await program.parseAsync(argv, { from: 'user' });
        return exitCode;
      } catch (thrown) {
        if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.passed : EXIT.usage;
        throw thrown;
      }
    },
  };
}
