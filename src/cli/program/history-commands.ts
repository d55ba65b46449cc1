import { Option } from 'commander';
import { REPORT_FORMATS, type ReportFormat } from '../../report/format-registry.ts';
import type { Define } from './define.ts';
import { count, days, duration, targetShare, tier } from './option-values.ts';

/** Commands about the state of drills, past runs, and upcoming ones. */
export function defineHistoryCommands({ add, done, tools }: Define): void {
  add('list', 'list drills with their last verdict, failing and never drilled first', 'firedrill list')
    .option('--json', 'one JSON object per line', false)
    .action((options: { config?: string; json: boolean }) =>
      done(
        import('../commands/list.ts').then(({ listCommand }) =>
          listCommand(tools, { config: options.config, json: options.json }),
        ),
      ),
    );
  add('history [drill]', 'list past runs, newest first', 'firedrill history orders --limit 50')
    .option('-n, --limit <count>', 'number of runs', count, 20)
    .option('--skipped', 'list skipped runs instead, with the reason', false)
    .option('--json', 'one JSON object per line', false)
    .action((drill: string | undefined, options: { config?: string; limit: number; skipped: boolean; json: boolean }) =>
      done(
        import('../commands/history.ts').then(({ historyCommand }) =>
          historyCommand(tools, drill, { ...options, config: options.config }),
        ),
      ),
    );
  add('report', 'write a recovery report for a period', 'firedrill report --month 2026-10 --out october.html')
    .option('--since <duration>', 'the last N days or hours (default: 90d)', duration)
    .option('--month <month>', 'a calendar month: 2026-10')
    .option('--quarter <quarter>', 'a quarter: 2026-Q4')
    .option('--timezone <zone>', 'time zone of months, days and hours', 'UTC')
    .option('--tier <tier>', 'only drills of this tier', tier)
    .option('--owner <owner>', 'only drills of this owner')
    .option('--target-share <share>', 'share of runs that must meet each objective (default: 95%)', targetShare)
    .addOption(new Option('--format <format>', 'default: by the name of --out, else md').choices(REPORT_FORMATS))
    .option('-o, --out <file>', 'write to this file instead of standard output')
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
  add('show <run>', 'show a run: stages, checks, errors, backup, sandbox', 'firedrill show 20261121-0315')
    .option('--log', 'include its log', false)
    .option('--json', 'as one JSON object', false)
    .action((run: string, options: { config?: string; log: boolean; json: boolean }) =>
      done(
        import('../commands/show.ts').then(({ showCommand }) =>
          showCommand(tools, run, { ...options, config: options.config }),
        ),
      ),
    );
  add('logs <run>', 'show the log of a run', 'firedrill logs 20261121-0315')
    .option('--json', 'one JSON object per line', false)
    .action((run: string, options: { config?: string; json: boolean }) =>
      done(
        import('../commands/logs.ts').then(({ logsCommand }) =>
          logsCommand(tools, run, { ...options, config: options.config }),
        ),
      ),
    );
  add(
    'accept <run>',
    'compare later runs with this one, after an intended change',
    'firedrill accept 20261121-0315 --reason "archived 2024"',
  )
    .requiredOption('--reason <text>', 'why the change was intended; shown in reports')
    .option('--recurring', 'the change comes again: go on comparing with runs before it, too', false)
    .option('--json', 'as one JSON object', false)
    .action((run: string, options: { config?: string; reason: string; recurring: boolean; json: boolean }) =>
      done(
        import('../commands/accept.ts').then(({ acceptCommand }) =>
          acceptCommand(tools, run, { ...options, config: options.config }),
        ),
      ),
    );
  add('next [drills...]', 'show upcoming runs, and what blocks them', 'firedrill next --days 14')
    .option('-d, --days <count>', 'number of days', days, 7)
    .option('--json', 'one JSON object per line', false)
    .action((drills: string[], options: { config?: string; days: number; json: boolean }) =>
      done(
        import('../commands/next.ts').then(({ nextCommand }) =>
          nextCommand(tools, drills, { ...options, config: options.config }),
        ),
      ),
    );
}
