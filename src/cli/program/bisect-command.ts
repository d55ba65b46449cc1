import type { Define } from './define.ts';
import { duration, runtimeOption } from './option-values.ts';

const BISECT_CODES = `
Exit codes:
  0    a good backup was found, the newest or an older one
  1    no good backup: even the oldest in range is bad
  2    errored: some runs had no verdict, so the boundary is not known
  64   usage or configuration error
  130  interrupted`;

/** The command that finds out since when backups have been bad. */
export function defineBisectCommand({ add, done, tools }: Define): void {
  add(
    'bisect <drill>',
    'find the newest backup that passes the checks, in a few restores',
    'firedrill bisect orders --since 90d --check "every order has its payment"',
    BISECT_CODES,
  )
    .option('--check <name>', 'judge backups by this check only (default: all of the drill)')
    .option('--since <duration>', 'search backups no older than this, such as 90d (default: all)', duration)
    .option('--fresh', 'also run backups that recorded runs already have a verdict on', false)
    .addOption(runtimeOption())
    .option('--json', 'one JSON object per line, each with a type', false)
    .action((drill: string, options: CommandOptions) =>
      done(
        import('../commands/bisect.ts').then(({ bisectCommand }) =>
          bisectCommand(tools, drill, {
            config: options.config,
            check: options.check,
            sinceMs: options.since,
            fresh: options.fresh,
            runtime: options.runtime,
            json: options.json,
          }),
        ),
      ),
    );
}

interface CommandOptions {
  readonly config?: string;
  readonly check?: string;
  readonly since?: number;
  readonly fresh: boolean;
  readonly runtime?: string;
  readonly json: boolean;
}
