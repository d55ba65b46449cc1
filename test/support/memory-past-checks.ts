import type { CheckRecord, PastCheck, PastCheckFilter } from '../../src/record/check-record.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import { compare } from './compare.ts';

const NEVER = new Date(0);

/** `findPastChecks` of a store that keeps its runs in memory. */
export function findPastChecks(runs: readonly RunRecord[], filter: PastCheckFilter): readonly PastCheck[] {
  const { drill, check, takenUntil, after, limit } = filter;
  const known = runs.filter((run) => run.drill === drill && run.backup && run.backup.takenAt <= takenUntil);
  const from = known
    .filter(({ accepted }) => accepted && !accepted.recurring)
    .reduce((newest, run) => Math.max(newest, takenAtOf(run).getTime()), 0);
  const counted = known.filter((run) => (run.verdict === 'passed' || run.accepted) && takenAtOf(run).getTime() >= from);
  const found = counted.flatMap((run) =>
    run.checks
      .filter((record) => isAsked(record, filter))
      .toSorted((a, b) => Number(b.name === check) - Number(a.name === check))
      .map((record) => ({ runId: run.id, startedAt: run.startedAt, takenAt: takenAtOf(run), record })),
  );
  return found
    .filter((one) => !after || byNewestBackup(after, one) < 0)
    .toSorted(byNewestBackup)
    .slice(0, limit);
}

function takenAtOf({ backup }: RunRecord): Date {
  return backup?.takenAt ?? NEVER;
}

function isAsked({ name, question: answered }: CheckRecord, { check, question }: PastCheckFilter): boolean {
  if (question === undefined) return name === check;
  return answered === question || (name === check && answered === undefined);
}

type Position = Pick<PastCheck, 'takenAt' | 'startedAt' | 'runId'>;

function byNewestBackup(a: Position, b: Position): number {
  return compare(b.takenAt, a.takenAt) || compare(b.startedAt, a.startedAt) || compare(b.runId, a.runId);
}
