import { Option } from 'commander';
import { ROLES, type Role } from '../../support/vocabulary.ts';
import { type Define, OK_OR_USAGE } from './define.ts';

/** Commands that set up and maintain an installation. */
export function defineUpkeepCommands(define: Define): void {
  const { add, done, tools } = define;
  add('sweep', 'remove what dead runs left behind, and nothing else', 'firedrill sweep').action(
    (options: { config?: string }) =>
      done(import('../commands/sweep.ts').then(({ sweepCommand }) => sweepCommand(tools, { config: options.config }))),
  );
  add(
    'doctor [drills...]',
    'look whether drills can run here: engine, images, sources, disk, clock',
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
  defineInit(define);
  defineToken(define);
  defineNotify(define);
}

function defineInit({ add, done, tools }: Define): void {
  add(
    'init',
    'write a first drill; asks for what is not given',
    'firedrill init --name orders --source s3://acme-backups/orders/ --match "orders-*.dump" --rto 15m',
  )
    .option('--name <name>', 'name of the drill')
    .option('--engine <engine>', 'postgres, mysql or mariadb')
    .option('--source <url>', 'backup location, as backup.source of a drill file')
    .option('--match <glob>', 'which objects are backups of it')
    .option('--rto <duration>', 'recovery time objective')
    .option('--rpo <duration>', 'recovery point objective')
    .option('--database <name>', 'database that the checks look into')
    .option('--table <name>', 'a table that must not be empty')
    .action((options: Record<string, string | undefined>) =>
      done(import('../init.ts').then(({ initCommand }) => initCommand(tools.io, options, tools.backups))),
    );
}

function defineToken({ add, addGroup, done, tools }: Define): void {
  const token = addGroup('token', 'who may sign in to the pages of `firedrill serve`, and use its API');
  const load = () => import('../commands/token.ts');
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

function defineNotify({ add, addGroup, done, tools }: Define): void {
  const notify = addGroup('notify', 'the channels that tell people: try them, and see what did not arrive');
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
        import('../commands/notify.ts').then(({ notifyTestCommand }) =>
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
        import('../commands/notify.ts').then(({ notifyListCommand }) =>
          notifyListCommand(tools, { config: options.config, json: options.json }),
        ),
      ),
    );
}
