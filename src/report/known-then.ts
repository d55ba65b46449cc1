import type { DigestContext, DrillDigest } from './drill-digest.ts';

type Then = Pick<DigestContext, 'asOf' | 'period'>;
/** A period that was chosen to end now is over some milliseconds later. */
const NOW_MS = 60_000;

/** Whether a period is over: a report on it tells what was known by its end, not how things stand now. */
export function isOver({ asOf, period }: Then): boolean {
  return asOf.getTime() - period.to.getTime() > NOW_MS;
}

/** What ages count to: the period's end, or now while it goes on. */
export function endOf({ asOf, period }: Then): Date {
  return isOver({ asOf, period }) ? period.to : asOf;
}

/**
 * Whether a report counts this drill: one that is in force now; of a period that is over, one that ran in it or is known to have been there by its end.
 * There is no record of drill files: without a run or a scheduler that saw it by then, a drill may be newer than the period.
 */
export function isCounted(digest: DrillDigest, then: Then): boolean {
  const { standing, runs, edges } = digest;
  if (!isOver(then)) return standing !== undefined;
  if (runs > 0) return true;
  return standing !== undefined && (edges.lastRun !== undefined || wasSeenBy(standing.state, then.period.to));
}

function wasSeenBy(state: NonNullable<DrillDigest['standing']>['state'], at: Date): boolean {
  const seen = [state?.scheduledSince, state?.newestBackup?.firstSeenAt];
  return seen.some((one) => one !== undefined && one < at);
}
