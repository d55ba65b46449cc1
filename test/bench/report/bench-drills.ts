import type { Drill } from '../../../src/config/drill-file.ts';
import type { HistoryPlan } from './history-plan.ts';

/** The drills of a made history, as their files would say. */
export function drillsOf({ drills }: HistoryPlan): readonly Drill[] {
  return drills.map((drill) => ({
    name: drill.name,
    description: undefined,
    owner: drill.owner,
    tier: drill.tier,
    backup: {
      source: { type: 'directory', path: `/backups/${drill.name}` },
      match: '*.dump',
      select: { by: 'latest' },
      takenAt: 'modified',
    },
    engine: {
      type: 'postgres',
      version: 'from-backup',
      database: undefined,
      image: undefined,
      completionLine: 'required',
    },
    sandbox: { runtime: 'docker', memoryBytes: 2e9, cpus: 2, pids: 512, storage: 'volume', durability: 'relaxed' },
    objectives: {
      rtoMs: drill.newRto.rtoMs,
      rpoMs: drill.rpoMs,
      warnAtRatio: 0.8,
      counts: ['locate', 'provision', 'restore', 'verify'],
      deadlineMs: 4 * drill.newRto.rtoMs,
    },
    restore: { ignoreErrors: [], jobs: undefined },
    checks: [
      {
        name: 'customers',
        sql: 'select 1',
        database: undefined,
        expect: { kind: 'equals', value: 1 },
        timeoutMs: 1000,
      },
    ],
    runbook: undefined,
    schedule: {
      cron: `${Math.floor(drill.offsetMs / 60_000) % 60} */${Math.min(12, drill.everyMs / 3_600_000)} * * *`,
      onNewBackup: undefined,
      timezone: 'Europe/Berlin',
      missed: 'run-once',
      jitterMs: 0,
      notDuring: [],
      freezes: [],
      overdueAfterMs: 3_600_000,
    },
    file: `/srv/drills/${drill.name}.yaml`,
    definitionHash: 'ab'.repeat(32),
  }));
}
