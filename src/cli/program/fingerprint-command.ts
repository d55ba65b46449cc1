import type { Define } from './define.ts';
import { count } from './option-values.ts';

/** The command that a backup job runs along with its dump. */
export function defineFingerprintCommand({ add, done, tools }: Define): void {
  add(
    'fingerprint <drill>',
    'hash the source’s tables, to compare restored rows against',
    'firedrill fingerprint orders --url postgres://backup@db1/orders --out orders.dump.fingerprint.json',
  )
    .option('--url <url>', 'the source database (default: $FIREDRILL_URL)')
    .option('--password-file <file>', 'file with its password (default: the URL’s, else $PGPASSWORD or $MYSQL_PWD)')
    .option('--snapshot <id>', 'Postgres: read in this exported snapshot, the one that the dump uses')
    .option('-j, --jobs <count>', 'sessions that read in parallel, in one snapshot', count, 1)
    .option('-o, --out <file>', 'write to this file instead of standard output')
    .option('--ready <file>', 'create this file once the snapshot is taken')
    .action((drill: string, options: CommandOptions) =>
      done(
        import('../commands/fingerprint.ts').then(({ fingerprintCommand }) =>
          fingerprintCommand(tools, drill, {
            config: options.config,
            url: options.url,
            passwordFile: options.passwordFile,
            snapshot: options.snapshot,
            jobs: options.jobs,
            out: options.out,
            ready: options.ready,
          }),
        ),
      ),
    );
}

interface CommandOptions {
  readonly config?: string;
  readonly url?: string;
  readonly passwordFile?: string;
  readonly snapshot?: string;
  readonly jobs: number;
  readonly out?: string;
  readonly ready?: string;
}
