import { listWords } from '../../config/fields.ts';
import { ALL_ENGINES } from '../../engines/registry.ts';
import type { Define } from './define.ts';
import { count, runtimeOption } from './option-values.ts';

interface Options {
  readonly config?: string;
  readonly json: boolean;
  readonly server: readonly string[];
  readonly passwordFile?: string;
  readonly maxRequests?: number;
  readonly write: boolean;
  readonly runtime?: string;
}

export function defineDiscoverCommand({ add, done, tools }: Define): void {
  add(
    'discover [sources...]',
    'show which backups and databases no drill covers (default: in the buckets and directories of all drills)',
    'firedrill discover s3://acme-backups/ --server postgres://firedrill@db1.example.com',
    `${describeReach()}\n${EXIT_CODES}`,
  )
    .option('--server <url>', 'a running server to ask for its databases; may be repeated', collect, [])
    .option(
      '--password-file <file>',
      'file with the password of the servers (default: PGPASSWORD, MYSQL_PWD, ~/.pgpass, ~/.my.cnf)',
    )
    .option('--max-requests <n>', 'limit of requests to all stores together (default: 2000)', count)
    .option('--write', 'create the missing drill files, with checks proposed from a restored copy, and run them', false)
    .addOption(runtimeOption())
    .option('--json', 'one JSON object per line', false)
    .action((sources: string[], { server, ...options }: Options) =>
      done(
        import('../commands/discover.ts').then(({ discoverCommand }) =>
          discoverCommand(tools, sources, {
            config: options.config,
            json: options.json,
            servers: server,
            passwordFile: options.passwordFile,
            maxRequests: options.maxRequests,
            write: options.write,
            runtime: options.runtime,
          }),
        ),
      ),
    );
}

function describeReach(): string {
  const found = ALL_ENGINES.filter(({ sql, starterCheck }) => sql ?? starterCheck); // others are known to their drills alone
  const asked = ALL_ENGINES.filter(({ sql }) => sql);
  const titles = (of: typeof found) =>
    listWords(
      of.map(({ title }) => title),
      'and',
    );
  return `
Recognizes backups of ${titles(found)}.
--server asks servers of ${titles(asked)}.`;
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

const EXIT_CODES = `
Exit codes:
  0    every series of backups and every database is covered by a drill that passed
  1    there are gaps (no backup, not covered, stopped or never passed), or no backups at all
  2    a source or a server could not be read, or the limit of requests was reached
  64   usage or configuration error
  130  interrupted`;
