import { Command, CommanderError, Help, InvalidArgumentError, Option } from 'commander';
import { EXIT } from '../support/errors.ts';
import { parseDurationMs } from '../support/quantities.ts';
import { ROLES, type Role, RUNTIMES, type RuntimeName } from '../support/words.ts';
import type { Toolbox } from './toolbox.ts';

const EXIT_CODES = `
Exit codes:
  0    recovery works: every check passed, within the objectives
  1    recovery does not work: missing, stale or unrestorable backup, wrong data, too slow
  2    the drill itself broke (engine, disk, source out of reach): nothing is known about the backup
  64   the command line or a file is wrong
  130  interrupted`;

const OK_OR_USAGE = `
Exit codes:
  0    done
  2    it could not be done
  64   the command line or a file is wrong`;

/** The command line: every option is defined here, and the reference in docs/ is made from it. */
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
      // that a flag is off unless it is given goes without saying
      optionDescription: (option) => new Help().optionDescription(option).replace(' (default: false)', ''),
    })
    .helpCommand('help [command]', 'show help of a command')
    .showHelpAfterError('HINT: `firedrill COMMAND --help` shows what a command takes.')
    .exitOverride()
    .addHelpText('after', EXIT_CODES);

  const add = (name: string, description: string, example: string, codes = OK_OR_USAGE, parent = program) =>
    parent
      .command(name)
      .description(description)
      .helpOption('-h, --help', 'show help')
      .option('-c, --config <file>', 'settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)')
      .addHelpText('after', `\nExample:\n  ${example}\n${codes}`);
  const done = async (code: Promise<number>) => {
    exitCode = await code;
  };

  add('run [drills...]', 'run drills by file, glob or name', 'firedrill run drills/orders.yaml --keep 30m', EXIT_CODES)
    .option('--all', 'run every drill of the drills directory', false)
    .option('--backup <key>', 'restore this backup instead of the newest')
    .option('--keep <duration>', 'leave the sandbox up afterwards for that long, to look into it', duration)
    .addOption(runtimeOption())
    .addOption(
      new Option('--format <format>', 'what is shown; junit: XML at the end, and nothing before')
        .choices(['text', 'json', 'junit'])
        .default('text'),
    )
    .addOption(
      new Option('--json', 'one JSON object a line, each with a type').implies({ format: 'json' }).default(false),
    )
    .option('--junit <file>', 'also write JUnit XML there, for CI servers')
    .option('--summary <file>', 'also add a summary in Markdown there (default: $GITHUB_STEP_SUMMARY where it is set)')
    .action(
      (
        drills: string[],
        options: {
          config?: string;
          all: boolean;
          backup?: string;
          keep?: number;
          runtime?: RuntimeName;
          format: 'text' | 'json' | 'junit';
          junit?: string;
          summary?: string;
        },
      ) =>
        done(
          import('./commands/run.ts').then(({ runCommand }) =>
            runCommand(tools, drills, {
              ...options,
              config: options.config,
              backup: options.backup,
              keepMs: options.keep,
              runtime: options.runtime,
              junit: options.junit,
              summary: options.summary,
            }),
          ),
        ),
    );
  add(
    'plan [drills...]',
    'show what would be restored, and how, and change nothing',
    'firedrill plan drills/orders.yaml',
    EXIT_CODES,
  )
    .option('--all', 'plan every drill of the drills directory', false)
    .addOption(runtimeOption())
    .option('--json', 'one JSON object a line', false)
    .action((drills: string[], options: { config?: string; all: boolean; runtime?: RuntimeName; json: boolean }) =>
      done(
        import('./commands/plan.ts').then(({ planCommand }) =>
          planCommand(tools, drills, { ...options, config: options.config, runtime: options.runtime }),
        ),
      ),
    );
  add(
    'serve',
    'run the drills by their schedules, until told to stop',
    'firedrill serve --config /etc/firedrill/firedrill.yaml',
  ).action((options: { config?: string }) =>
    done(import('./commands/serve.ts').then(({ serveCommand }) => serveCommand(tools, { config: options.config }))),
  );
  add('validate [drills...]', 'check drill files without running them', 'firedrill validate drills/*.yaml').action(
    (drills: string[], options: { config?: string }) =>
      done(
        import('./validate.ts').then(async ({ validateCommand }) => {
          const settings = await tools.loadSettings(options.config);
          return validateCommand(io, {
            paths: drills.length > 0 ? drills : [settings.drillsDir],
            ...tools.loadOptions(settings),
          });
        }),
      ),
  );
  add('list', 'every drill with its last verdict; never drilled and failing ones first', 'firedrill list')
    .option('--json', 'one JSON object a line', false)
    .action((options: { config?: string; json: boolean }) =>
      done(
        import('./commands/list.ts').then(({ listCommand }) =>
          listCommand(tools, { config: options.config, json: options.json }),
        ),
      ),
    );
  add('history [drill]', 'past runs, newest first', 'firedrill history orders --limit 50')
    .option('-n, --limit <count>', 'how many', count, 20)
    .option('--skipped', 'instead of runs: what was due and did not take place, and why', false)
    .option('--json', 'one JSON object a line', false)
    .action((drill: string | undefined, options: { config?: string; limit: number; skipped: boolean; json: boolean }) =>
      done(
        import('./commands/history.ts').then(({ historyCommand }) =>
          historyCommand(tools, drill, { ...options, config: options.config }),
        ),
      ),
    );
  add('report', 'what history says of recovery, for people', 'firedrill report --month 2026-10 --out october.html')
    .option('--since <duration>', 'over the last so long (default: 90d)', duration)
    .option('--month <month>', 'over a calendar month: 2026-10')
    .option('--quarter <quarter>', 'over a quarter: 2026-Q4')
    .option('--timezone <zone>', 'whose months, days and hours are meant', 'UTC')
    .option('--tier <tier>', 'drills of this tier only', tier)
    .option('--owner <owner>', 'drills of this owner only')
    .addOption(
      new Option('--format <format>', 'default: by the name of --out, else md').choices(['html', 'md', 'json', 'csv']),
    )
    .option('-o, --out <file>', 'write it there, in the place of standard output')
    .action(
      (options: {
        config?: string;
        since?: number;
        month?: string;
        quarter?: string;
        timezone: string;
        tier?: number;
        owner?: string;
        format?: 'html' | 'md' | 'json' | 'csv';
        out?: string;
      }) =>
        done(
          import('./commands/report.ts').then(({ reportCommand }) =>
            reportCommand(tools, {
              config: options.config,
              sinceMs: options.since,
              month: options.month,
              quarter: options.quarter,
              timezone: options.timezone,
              tier: options.tier,
              owner: options.owner,
              format: options.format,
              out: options.out,
            }),
          ),
        ),
    );
  add('show <run>', 'one run whole: stages, checks, errors, backup, sandbox', 'firedrill show 20261121-0315')
    .option('--log', 'with its log', false)
    .option('--json', 'as one JSON object', false)
    .action((run: string, options: { config?: string; log: boolean; json: boolean }) =>
      done(
        import('./commands/show.ts').then(({ showCommand }) =>
          showCommand(tools, run, { ...options, config: options.config }),
        ),
      ),
    );
  add('logs <run>', 'the log of a run', 'firedrill logs 20261121-0315')
    .option('--json', 'one JSON object a line', false)
    .action((run: string, options: { config?: string; json: boolean }) =>
      done(
        import('./commands/logs.ts').then(({ logsCommand }) =>
          logsCommand(tools, run, { ...options, config: options.config }),
        ),
      ),
    );
  add(
    'next [drills...]',
    'what the schedules ask for in the coming week, and what keeps a run from starting',
    'firedrill next --days 14',
  )
    .option('-d, --days <count>', 'how many days', days, 7)
    .option('--json', 'one JSON object a line', false)
    .action((drills: string[], options: { config?: string; days: number; json: boolean }) =>
      done(
        import('./commands/next.ts').then(({ nextCommand }) =>
          nextCommand(tools, drills, { ...options, config: options.config }),
        ),
      ),
    );
  add('sweep', 'remove what dead runs left behind, and nothing else', 'firedrill sweep').action(
    (options: { config?: string }) =>
      done(import('./commands/sweep.ts').then(({ sweepCommand }) => sweepCommand(tools, { config: options.config }))),
  );
  add(
    'doctor [drills...]',
    'look whether drills can run here: engine, images, sources, disk, clock',
    'firedrill doctor',
  ).action((drills: string[], options: { config?: string }) =>
    done(
      import('./commands/doctor.ts').then(({ doctorCommand }) =>
        doctorCommand(tools, drills, { config: options.config }),
      ),
    ),
  );
  add(
    'schema [which]',
    'print the JSON Schema of a drill file (or: settings)',
    'firedrill schema > drill.schema.json',
  ).action((which: string | undefined) =>
    done(import('./schema.ts').then(({ schemaCommand }) => schemaCommand(io, { which: which ?? 'drill' }))),
  );
  addInit(add, tools, done);
  addToken(add, program, tools, done);
  addNotify(add, program, tools, done);

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

function addInit(
  add: (name: string, description: string, example: string) => Command,
  tools: Toolbox,
  done: (code: Promise<number>) => Promise<void>,
): void {
  add(
    'init',
    'write a first drill; asks for what is not given',
    'firedrill init --name orders --source s3://acme-backups/orders/ --match "orders-*.dump" --rto 15m',
  )
    .option('--name <name>', 'name of the drill')
    .option('--engine <engine>', 'postgres, mysql or mariadb')
    .option('--source <url>', 's3://bucket/prefix/ or a directory')
    .option('--match <glob>', 'which objects are backups of it')
    .option('--rto <duration>', 'recovery time objective')
    .option('--rpo <duration>', 'recovery point objective')
    .option('--database <name>', 'database that the checks look into')
    .option('--table <name>', 'a table that must not be empty')
    .action((options: Record<string, string | undefined>) =>
      done(import('./init.ts').then(({ initCommand }) => initCommand(tools.io, options))),
    );
}

function addNotify(
  add: (name: string, description: string, example: string, codes: string, parent: Command) => Command,
  program: Command,
  tools: Toolbox,
  done: (code: Promise<number>) => Promise<void>,
): void {
  const notify = program
    .command('notify')
    .description('the channels that tell people: try them, and see what did not arrive')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false);
  add(
    'test [channels...]',
    'send a test to these channels, or to all, and say what became of it',
    'firedrill notify test ops-chat',
    OK_OR_USAGE,
    notify,
  )
    .option('--json', 'one JSON object a line', false)
    .action((channels: string[], options: { config?: string; json: boolean }) =>
      done(
        import('./commands/notify.ts').then(({ notifyTestCommand }) =>
          notifyTestCommand(tools, channels, { config: options.config, json: options.json }),
        ),
      ),
    );
  add(
    'list',
    'channels, messages on their way, and those that were given up',
    'firedrill notify list',
    OK_OR_USAGE,
    notify,
  )
    .option('--json', 'one JSON object a line', false)
    .action((options: { config?: string; json: boolean }) =>
      done(
        import('./commands/notify.ts').then(({ notifyListCommand }) =>
          notifyListCommand(tools, { config: options.config, json: options.json }),
        ),
      ),
    );
}

function addToken(
  add: (name: string, description: string, example: string, codes: string, parent: Command) => Command,
  program: Command,
  tools: Toolbox,
  done: (code: Promise<number>) => Promise<void>,
): void {
  const token = program
    .command('token')
    .description('who may sign in to the pages of `firedrill serve`, and use its API')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false);
  const load = () => import('./commands/token.ts');
  add('add <name>', 'make a token and print it, once', 'firedrill token add alice --role operator', OK_OR_USAGE, token)
    .addOption(
      new Option('--role <role>', 'viewer reads; operator also runs, stops and keeps')
        .choices([...ROLES])
        .default('viewer'),
    )
    .action((name: string, options: { config?: string; role: Role }) =>
      done(load().then(({ tokenAddCommand }) => tokenAddCommand(tools, name, { ...options, config: options.config }))),
    );
  add('list', 'tokens by their names, and when they were last used', 'firedrill token list', OK_OR_USAGE, token)
    .option('--json', 'one JSON object a line', false)
    .action((options: { config?: string; json: boolean }) =>
      done(load().then(({ tokenListCommand }) => tokenListCommand(tools, { ...options, config: options.config }))),
    );
  add(
    'revoke <name>',
    'end a token, and every session that was begun with it, at once',
    'firedrill token revoke alice',
    OK_OR_USAGE,
    token,
  ).action((name: string, options: { config?: string }) =>
    done(load().then(({ tokenRevokeCommand }) => tokenRevokeCommand(tools, name, { config: options.config }))),
  );
}

function runtimeOption(): Option {
  return new Option(
    '--runtime <name>',
    'docker, or local server binaries (default: docker where an engine answers)',
  ).choices([...RUNTIMES]);
}

function duration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new InvalidArgumentError('Write a duration such as 90s, 30m or 2h.');
  return ms;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Write a whole number from 1 on.');
  return value;
}

function tier(text: string): number {
  if (!/^\d$/.test(text)) throw new InvalidArgumentError('Write a tier from 0 to 9.');
  return Number(text);
}

function days(text: string): number {
  const value = count(text);
  if (value > 366) throw new InvalidArgumentError('Write at most 366 days.');
  return value;
}
