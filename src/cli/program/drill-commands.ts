import { Option } from 'commander';
import { DEFAULT_POOL } from '../../config/pool-schema.ts';
import { SERVE_PARTS, type ServePart } from '../../config/serve-schema.ts';
import type { IdentityName } from '../../support/vocabulary.ts';
import { type Define, EXIT_CODES } from './define.ts';
import { duration, identityOption, label, runtimeOption } from './option-values.ts';

const SYNTAX_CODES = `
Exit codes:
  0    no check is malformed
  2    a check is malformed, or nothing could be prepared
  64   usage or configuration error
  130  interrupted`;

/** Commands that run drills, or show what a run would do. */
export function defineDrillCommands({ add, done, tools }: Define): void {
  add('run [drills...]', 'run drills by file, glob or name', 'firedrill run drills/orders.yaml --keep 30m', EXIT_CODES)
    .option('--all', 'run every drill in the drills directory', false)
    .option('--label <name=value>', 'only drills with this label; if repeated, drills that have all of them', label)
    .option('--backup <key>', 'restore this backup instead of the latest')
    .option(
      '--to <target>',
      'recover to this point, as `recover.to` in a drill: latest, an instant, "10m before start"',
    )
    .option('--no-race', 'run only these drills, not the ones they race against')
    .option('--keep <duration>', 'keep the sandbox this long after the run, for inspection', duration)
    .addOption(
      new Option(
        '--queue',
        'let a runner of the drill’s pool run it, and follow it from here (needs a PostgreSQL store)',
      )
        .conflicts(['backup', 'to', 'keep', 'as', 'runtime', 'ignoreLimits'])
        .default(false),
    )
    .option('--ignore-limits', 'start at once, even if a run limit of the fleet is reached', false)
    .option('--over-budget', 'start runs that would exceed the monthly budget (`limits.costPerMonth`)', false)
    .addOption(identityOption())
    .addOption(runtimeOption())
    .addOption(
      new Option('--format <format>', 'output format; junit: XML, printed at the end')
        .choices(['text', 'json', 'junit'])
        .default('text'),
    )
    .addOption(
      new Option('--json', 'one JSON object per line, each with a type').implies({ format: 'json' }).default(false),
    )
    .addOption(
      new Option('-q, --quiet', 'print only the verdict of each run, and errors')
        .conflicts(['json', 'format'])
        .default(false),
    )
    .option('--junit <file>', 'also write JUnit XML to this file, for CI')
    .option(
      '--summary <file>',
      'also append a Markdown summary to this file (default: $GITHUB_STEP_SUMMARY where it is set)',
    )
    .action(
      (
        drills: string[],
        options: {
          config?: string;
          all: boolean;
          label?: Record<string, string>;
          backup?: string;
          to?: string;
          race: boolean;
          keep?: number;
          queue: boolean;
          ignoreLimits: boolean;
          overBudget: boolean;
          as?: IdentityName;
          runtime?: string;
          format: 'text' | 'json' | 'junit';
          junit?: string;
          quiet: boolean;
          summary?: string;
        },
      ) =>
        done(
          import('../commands/run.ts').then(({ runCommand }) =>
            runCommand(tools, drills, {
              ...options,
              config: options.config,
              label: options.label,
              backup: options.backup,
              to: options.to,
              keepMs: options.keep,
              as: options.as,
              runtime: options.runtime,
              junit: options.junit,
              summary: options.summary,
            }),
          ),
        ),
    );
  add(
    'plan [drills...]',
    'show what would be restored, and how; changes nothing',
    'firedrill plan drills/orders.yaml',
    EXIT_CODES,
  )
    .option('--all', 'plan every drill in the drills directory', false)
    .option('--label <name=value>', 'only drills with this label; if repeated, drills that have all of them', label)
    .addOption(identityOption())
    .addOption(runtimeOption())
    .option('--json', 'one JSON object per line', false)
    .action(
      (
        drills: string[],
        options: {
          config?: string;
          all: boolean;
          label?: Record<string, string>;
          as?: IdentityName;
          runtime?: string;
          json: boolean;
        },
      ) =>
        done(
          import('../commands/plan.ts').then(({ planCommand }) =>
            planCommand(tools, drills, {
              ...options,
              config: options.config,
              label: options.label,
              as: options.as,
              runtime: options.runtime,
            }),
          ),
        ),
    );
  add(
    'check [drills...]',
    'prepare the queries of checks on an empty server, and report all malformed ones; restores nothing',
    'firedrill check drills/orders.yaml --syntax',
    SYNTAX_CODES,
  )
    .requiredOption('--syntax', 'check only the syntax of queries; lists what needs the data')
    .option('--all', 'every drill in the drills directory', false)
    .option('--label <name=value>', 'only drills with this label; if repeated, drills that have all of them', label)
    .addOption(runtimeOption())
    .option('--json', 'one JSON object per line', false)
    .action(
      (
        drills: string[],
        options: { config?: string; all: boolean; label?: Record<string, string>; runtime?: string; json: boolean },
      ) =>
        done(
          import('../commands/check.ts').then(({ checkCommand }) =>
            checkCommand(tools, drills, {
              ...options,
              config: options.config,
              label: options.label,
              runtime: options.runtime,
            }),
          ),
        ),
    );
  add('serve', 'run drills on their schedules until stopped', 'firedrill serve --config /etc/firedrill/firedrill.yaml')
    .addOption(
      new Option(
        '--only <part>',
        'do one part, and leave the drills to runners: decide what is due, or show the pages (needs a PostgreSQL store)',
      ).choices(SERVE_PARTS),
    )
    .action((options: { config?: string; only?: ServePart }) =>
      done(
        import('../commands/serve.ts').then(({ serveCommand }) =>
          serveCommand(tools, { config: options.config, only: options.only }),
        ),
      ),
    );
  add(
    'runner',
    'run the drills of a pool, as `firedrill serve` queues them, until stopped',
    'firedrill runner --pool eu-payments',
  )
    .option(
      '--pool <name>',
      'the pool, as `pool` in drills; `default`: drills without one, if schedulers run none',
      DEFAULT_POOL,
    )
    .action((options: { config?: string; pool: string }) =>
      done(
        import('../commands/runner.ts').then(({ runnerCommand }) =>
          runnerCommand(tools, { config: options.config, pool: options.pool }),
        ),
      ),
    );
  add('validate [drills...]', 'check drill files without running them', 'firedrill validate drills/*.yaml').action(
    (drills: string[], options: { config?: string }) =>
      done(
        import('../validate.ts').then(async ({ validateCommand }) => {
          const settings = await tools.loadSettings(options.config);
          return validateCommand(tools.io, {
            paths: drills.length > 0 ? drills : [settings.drillsDir],
            ...tools.loadOptions(settings),
          });
        }),
      ),
  );
}
