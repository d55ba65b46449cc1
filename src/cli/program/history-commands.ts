import { Option } from 'commander';
import { REPORT_FORMATS, type ReportFormat } from '../../report/format-registry.ts';
import { SHOWN_STATES, type ShownState } from '../../support/vocabulary.ts';
import { type Define, OK_OR_USAGE } from './define.ts';
import { count, days, duration, label, runStates, targetShare, tier } from './option-values.ts';

/** How commands that show a run identify it; see `findRun`. */
const RUN_WORDS = 'a run’s id or the start of it, a drill’s name for its newest run, or latest';

/** Commands about the state of drills, past runs, and upcoming ones. */
export function defineHistoryCommands({ add, addGroup, done, tools }: Define): void {
  add('list', 'list drills with their last verdict, failing and never drilled first', 'firedrill list --failed')
    .option('--failed', 'only drills that are not proven: failing, overdue, errored, never drilled', false)
    .option('--tier <tier>', 'only drills of this tier', tier)
    .option('--owner <owner>', 'only drills of this owner')
    .option('--label <name=value>', 'only drills with this label; if repeated, drills that have all of them', label)
    .option('-w, --watch', 'refresh the list every two seconds until Ctrl-C', false)
    .addOption(new Option('--json', 'one JSON object per line').default(false).conflicts('watch'))
    .action(
      (options: {
        config?: string;
        failed: boolean;
        tier?: number;
        owner?: string;
        label?: Record<string, string>;
        watch: boolean;
        json: boolean;
      }) =>
        done(
          import('../commands/list.ts').then(({ listCommand }) =>
            listCommand(tools, {
              ...options,
              config: options.config,
              tier: options.tier,
              owner: options.owner,
              label: options.label,
            }),
          ),
        ),
    );
  add('history [drill]', 'list past runs, newest first', 'firedrill history orders --status failed,errored --since 7d')
    .option('-n, --limit <count>', 'number of runs', count, 20)
    .option('--drill <name>', 'only runs of this drill; same as the argument')
    .option('--status <states>', `only runs that are ${SHOWN_STATES.join(', ')}; several with commas`, runStates)
    .option('--since <duration>', 'only runs that started within this time: 24h, 7d', duration)
    .addOption(
      new Option('--skipped', 'list skipped runs instead, with the reason')
        .default(false)
        .conflicts(['status', 'since']),
    )
    .option('--json', 'one JSON object per line', false)
    .action(
      (
        drill: string | undefined,
        options: {
          config?: string;
          limit: number;
          drill?: string;
          status?: readonly ShownState[];
          since?: number;
          skipped: boolean;
          json: boolean;
        },
      ) =>
        done(
          import('../commands/history.ts').then(({ historyCommand }) =>
            historyCommand(tools, drill ?? options.drill, {
              config: options.config,
              limit: options.limit,
              states: options.status,
              sinceMs: options.since,
              skipped: options.skipped,
              json: options.json,
            }),
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
    .addOption(new Option('--format <format>', 'default: from the name of --out, else md').choices(REPORT_FORMATS))
    .option('-o, --out <file>', 'write to this file instead of standard output')
    .option(
      '--evidence <file>',
      'write the evidence of the runs to this file (.html, .md, .json) instead of the report',
    )
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
        evidence?: string;
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
              evidence: options.evidence,
            }),
          ),
        ),
    );
  add('show', 'show a run: stages, checks, errors, backup, sandbox', 'firedrill show orders')
    .argument('<run>', RUN_WORDS)
    .option('--log', 'include its log', false)
    .option('--json', 'as one JSON object', false)
    .action((run: string, options: { config?: string; log: boolean; json: boolean }) =>
      done(
        import('../commands/show.ts').then(({ showCommand }) =>
          showCommand(tools, run, { ...options, config: options.config }),
        ),
      ),
    );
  add('logs', 'show the log of a run', 'firedrill logs latest --follow')
    .argument('<run>', RUN_WORDS)
    .option('-f, --follow', 'follow until the run ends', false)
    .option('--json', 'one JSON object per line', false)
    .action((run: string, options: { config?: string; follow: boolean; json: boolean }) =>
      done(
        import('../commands/logs.ts').then(({ logsCommand }) =>
          logsCommand(tools, run, { ...options, config: options.config }),
        ),
      ),
    );
  add('cancel', 'cancel a run of a runner or scheduler, or remove the sandbox that it keeps', 'firedrill cancel orders')
    .argument('<run>', RUN_WORDS)
    .option('--json', 'as one JSON object', false)
    .action((run: string, options: { config?: string; json: boolean }) =>
      done(
        import('../commands/cancel.ts').then(({ cancelCommand }) =>
          cancelCommand(tools, run, { ...options, config: options.config }),
        ),
      ),
    );
  const runs = addGroup('runs', 'runs: compare two of them');
  add('compare', 'show two runs side by side', 'firedrill runs compare orders --changed', OK_OR_USAGE, runs)
    .argument('<run>', RUN_WORDS)
    .argument('[other]', 'the other run; default: the last pass of the same drill before it')
    .option('--changed', 'only what differs', false)
    .option('--json', 'as one JSON object', false)
    .action((run: string, other: string | undefined, options: { config?: string; changed: boolean; json: boolean }) =>
      done(
        import('../commands/compare.ts').then(({ compareCommand }) =>
          compareCommand(tools, run, other, { ...options, config: options.config }),
        ),
      ),
    );
  add(
    'accept <run>',
    'compare later runs with this one, after an intended change',
    'firedrill accept 20261121-0315 --reason "archived 2024"',
  )
    .requiredOption('--reason <text>', 'why the change was intended; shown in reports')
    .option('--recurring', 'the change is recurring: keep comparing with runs before it, too', false)
    .option('--json', 'as one JSON object', false)
    .action((run: string, options: { config?: string; reason: string; recurring: boolean; json: boolean }) =>
      done(
        import('../commands/accept.ts').then(({ acceptCommand }) =>
          acceptCommand(tools, run, { ...options, config: options.config }),
        ),
      ),
    );
  add('next [drills...]', 'show upcoming runs, and what blocks them', 'firedrill next -n 5')
    .option('-d, --days <count>', 'number of days', days, 7)
    .option('-n, --limit <count>', 'only the next N runs', count)
    .option('--json', 'one JSON object per line', false)
    .action((drills: string[], options: { config?: string; days: number; limit?: number; json: boolean }) =>
      done(
        import('../commands/next.ts').then(({ nextCommand }) =>
          nextCommand(tools, drills, { ...options, config: options.config, limit: options.limit }),
        ),
      ),
    );
}
