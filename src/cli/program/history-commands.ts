import { Option } from 'commander';
import { REPORT_FORMATS, type ReportFormat } from '../../report/format-registry.ts';
import type { Define } from './define.ts';
import { count, days, duration, targetShare, tier } from './option-values.ts';

/** Commands that only read: the state of drills, past runs, and upcoming ones. */
export function defineHistoryCommands({ add, done, tools }: Define): void {
  add('list', 'every drill with its last verdict; never drilled and failing ones first', 'firedrill list')
    .option('--json', 'one JSON object a line', false)
    .action((options: { config?: string; json: boolean }) =>
      done(
        import('../commands/list.ts').then(({ listCommand }) =>
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
        import('../commands/history.ts').then(({ historyCommand }) =>
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
    .option('--target-share <share>', 'how many runs are to keep each objective (default: 95%)', targetShare)
    .addOption(new Option('--format <format>', 'default: by the name of --out, else md').choices(REPORT_FORMATS))
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
        targetShare?: number;
        format?: ReportFormat;
        out?: string;
      }) =>
        done(
          import('../commands/report.ts').then(({ reportCommand }) =>
            reportCommand(tools, {
              config: options.config,
              sinceMs: options.since,
              month: options.month,
              quarter: options.quarter,
              timezone: options.timezone,
              tier: options.tier,
              owner: options.owner,
              targetShare: options.targetShare,
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
        import('../commands/show.ts').then(({ showCommand }) =>
          showCommand(tools, run, { ...options, config: options.config }),
        ),
      ),
    );
  add('logs <run>', 'the log of a run', 'firedrill logs 20261121-0315')
    .option('--json', 'one JSON object a line', false)
    .action((run: string, options: { config?: string; json: boolean }) =>
      done(
        import('../commands/logs.ts').then(({ logsCommand }) =>
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
        import('../commands/next.ts').then(({ nextCommand }) =>
          nextCommand(tools, drills, { ...options, config: options.config }),
        ),
      ),
    );
}
