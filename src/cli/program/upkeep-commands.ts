import { Argument, Option } from 'commander';
import { EXIT } from '../../support/errors.ts';
import { ROLES, type Role } from '../../support/vocabulary.ts';
import { SHELLS, type Shell } from '../completion/shells.ts';
import type { InitOptions } from '../init/init.ts';
import { type Define, OK_OR_USAGE } from './define.ts';
import { defineDiscoverCommand } from './discover-command.ts';
import { runtimeOption } from './option-values.ts';

/** Commands that set up and maintain an installation. */
export function defineUpkeepCommands(define: Define): void {
  const { add, done, tools } = define;
  add('sweep', 'remove leftovers of dead runs', 'firedrill sweep').action((options: { config?: string }) =>
    done(import('../commands/sweep.ts').then(({ sweepCommand }) => sweepCommand(tools, { config: options.config }))),
  );
  add(
    'doctor [drills...]',
    'check that drills can run here: engine, images, sources, disk, clock',
    'firedrill doctor',
  ).action((drills: string[], options: { config?: string }) =>
    done(
      import('../commands/doctor.ts').then(({ doctorCommand }) =>
        doctorCommand(tools, drills, { config: options.config }),
      ),
    ),
  );
  add(
    'schema [which]',
    'print the JSON Schema of a drill file (or: settings)',
    'firedrill schema > drill.schema.json',
  ).action((which: string | undefined) =>
    done(import('../schema.ts').then(({ schemaCommand }) => schemaCommand(tools.io, { which: which ?? 'drill' }))),
  );
  defineDiscoverCommand(define);
  add('completion', 'print the script that completes commands in a shell', 'source <(firedrill completion bash)')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: Shell) =>
      done(
        import('../completion/completion.ts').then(({ completionScript }) => {
          tools.io.stdout.write(completionScript(define.program, shell));
          return EXIT.passed;
        }),
      ),
    );
  defineInit(define);
  defineToken(define);
  defineNotify(define);
}

function defineInit({ add, done, tools }: Define): void {
  add(
    'init',
    'create a drill from a backup location; asks for missing values',
    'firedrill init --source s3://acme-backups/orders/ --rto 15m --restore',
  )
    .option('--source <url>', 'backup location, as in backup.source of a drill file')
    .option('--endpoint <url>', 'S3-compatible store of the location (default: AWS)')
    .option('--match <glob>', 'pattern of its backups (default: derived from the location’s content)')
    .option('--name <name>', 'name of the drill (default: from its backups)')
    .option('--engine <engine>', 'postgres, mysql or mariadb (default: that of the newest backup)')
    .option('--key <place>', 'file or environment variable with the key that decrypts the backups')
    .option('--rto <duration>', 'recovery time objective')
    .option('--rpo <duration>', 'recovery point objective, or - for none (default: from the interval of the backups)')
    .option('--schedule <when>', 'cron expression in UTC, new-backup, or - for never')
    .option('--channel <type>', 'alert channel to set up, such as slack or email; - for none')
    .option('--database <name>', 'database to check (default: the one named in the backup)')
    .option('--table <name>', 'a table that must not be empty')
    .option('--restore', 'restore the newest backup, verify it, and propose checks from it')
    .option('--no-restore', 'write the drill with checks that need no restored copy')
    .addOption(runtimeOption())
    .action((options: InitOptions) =>
      done(import('../init/init.ts').then(({ initCommand }) => initCommand(tools, options))),
    );
}

function defineToken({ add, addGroup, done, tools }: Define): void {
  const token = addGroup('token', 'tokens for the dashboard and the API');
  const load = () => import('../commands/token.ts');
  add('add <name>', 'add a token and print it once', 'firedrill token add alice --role operator', OK_OR_USAGE, token)
    .addOption(
      new Option('--role <role>', 'viewer: read; operator: also run, cancel and keep')
        .choices([...ROLES])
        .default('viewer'),
    )
    .action((name: string, options: { config?: string; role: Role }) =>
      done(load().then(({ tokenAddCommand }) => tokenAddCommand(tools, name, { ...options, config: options.config }))),
    );
  add('list', 'list tokens and when they were last used', 'firedrill token list', OK_OR_USAGE, token)
    .option('--json', 'one JSON object per line', false)
    .action((options: { config?: string; json: boolean }) =>
      done(load().then(({ tokenListCommand }) => tokenListCommand(tools, { ...options, config: options.config }))),
    );
  add(
    'revoke <name>',
    'revoke a token and end its sessions',
    'firedrill token revoke alice',
    OK_OR_USAGE,
    token,
  ).action((name: string, options: { config?: string }) =>
    done(load().then(({ tokenRevokeCommand }) => tokenRevokeCommand(tools, name, { config: options.config }))),
  );
}

function defineNotify({ add, addGroup, done, tools }: Define): void {
  const notify = addGroup('notify', 'notification channels: test them, list failed deliveries');
  add(
    'test [channels...]',
    'send a test notification to these channels, or to all',
    'firedrill notify test ops-chat',
    OK_OR_USAGE,
    notify,
  )
    .option('--json', 'one JSON object per line', false)
    .action((channels: string[], options: { config?: string; json: boolean }) =>
      done(
        import('../commands/notify.ts').then(({ notifyTestCommand }) =>
          notifyTestCommand(tools, channels, { config: options.config, json: options.json }),
        ),
      ),
    );
  add('list', 'list channels, and pending and failed deliveries', 'firedrill notify list', OK_OR_USAGE, notify)
    .option('--json', 'one JSON object per line', false)
    .action((options: { config?: string; json: boolean }) =>
      done(
        import('../commands/notify.ts').then(({ notifyListCommand }) =>
          notifyListCommand(tools, { config: options.config, json: options.json }),
        ),
      ),
    );
}
