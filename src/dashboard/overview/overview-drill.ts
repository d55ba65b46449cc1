import type { LiveRun } from '../../daemon/control.ts';
import type { RunRecord } from '../../record/run-record.ts';
import type { DrillOutlook } from '../../report/read-outlook.ts';
import { newestTakenAt } from '../../status/backups-stopped.ts';
import { type ListRow, listRows } from '../../status/list-rows.ts';
import type { DrillStanding } from '../../status/read-standings.ts';
import { LIST_RUN_LIMIT } from '../../status/standing-facts.ts';
import { NEEDS, type Need } from './overview-query.ts';

/** A drill as listed in the overview. */
export interface OverviewDrill {
  readonly row: ListRow;
  readonly standing: DrillStanding;
  /** undefined: not yet known. */
  readonly outlook: DrillOutlook | undefined;
  readonly needs: ReadonlySet<Need>;
  /** Its newest run with a recovery time. */
  readonly timed: RunRecord | undefined;
  readonly newestTakenAt: Date | undefined;
  readonly nextRun: Date | undefined;
  /** Whether its newest verdict is a pass and nothing contradicts it; a run in progress does not. */
  readonly isProven: boolean;
}

export interface OverviewFacts {
  readonly running: readonly LiveRun[];
  outlookOf(drill: string): DrillOutlook | undefined;
  nextRunOf(standing: DrillStanding): Date | undefined;
}

/** All drills in list order: failing first, tier 1 before the others. */
export function overviewDrills(
  standings: readonly DrillStanding[],
  facts: OverviewFacts,
  now: Date,
): readonly OverviewDrill[] {
  const byName = new Map(standings.map((one) => [one.drill.name, one]));
  const live = new Map(facts.running.map((run) => [run.drill, run]));
  return listRows(standings, now).flatMap((row) => {
    const standing = byName.get(row.drill);
    if (!standing) return [];
    const outlook = facts.outlookOf(row.drill);
    return {
      row,
      standing,
      outlook,
      needs: needsOf(row, standing, outlook, live.get(row.drill), now),
      timed: standing.runs.find((run) => run.recoveryTimeMs !== undefined),
      newestTakenAt: newestTakenAt(standing),
      nextRun: facts.nextRunOf(standing),
      isProven: row.state === 'passed' || (row.state === 'running' && standing.lastVerdict?.verdict === 'passed'),
    };
  });
}

function needsOf(
  { state, recoveryIdentity }: ListRow,
  { standing, isOverdue, runs, lastVerdict, drill }: DrillStanding,
  outlook: DrillOutlook | undefined,
  live: LiveRun | undefined,
  now: Date,
): ReadonlySet<Need> {
  const isSlow = live !== undefined && !live.kept && now.getTime() - live.startedAt.getTime() > drill.objectives.rtoMs;
  const has: Record<Need, boolean> = {
    failing: standing.isFailing || state === 'failed',
    errored: state === 'errored' || state === 'interrupted' || state === 'broken',
    never: hasNeverPassed(runs, lastVerdict),
    breach: outlook?.breach !== undefined,
    'recovery-key': recoveryIdentity !== undefined && recoveryIdentity.state !== 'proven',
    backup: state === 'no-new-backup',
    late: isOverdue || state === 'overdue' || isSlow,
  };
  return new Set(NEEDS.filter((need) => has[need]));
}

/** As far as its newest runs show: beyond them, only the newest verdict is known. */
function hasNeverPassed(runs: readonly RunRecord[], lastVerdict: RunRecord | undefined): boolean {
  if (lastVerdict === undefined) return true;
  return runs.length < LIST_RUN_LIMIT && [...runs, lastVerdict].every(({ verdict }) => verdict !== 'passed');
}
