import type { DrillDigest } from './drill-digest.ts';

interface Then {
  readonly asOf: Date;
  readonly period: { readonly to: Date };
}

/** A period that ends now still ends some milliseconds before the report is made. */
const NOW_MS = 60_000;

/** Whether a period is over: its report then describes what was known at its end instead of the current state. */
export function isOver({ asOf, period }: Then): boolean {
  return asOf.getTime() - period.to.getTime() > NOW_MS;
}

/** The instant to which ages are measured: the period's end, or now while it is in progress. */
export function endOf({ asOf, period }: Then): Date {
  return isOver({ asOf, period }) ? period.to : asOf;
}

/**
 * Whether a report counts this drill. A report on the present counts current drills; one on a past period counts drills that ran in it or are known to have
 * existed by its end. Past drill files are not recorded: without a run by then, or a scheduler that saw it by then, a drill may be newer than the period.
 */
export function isCounted(digest: DrillDigest, then: Then): boolean {
  const { standing, runs, edges } = digest;
  if (!isOver(then)) return standing !== undefined;
  if (runs > 0) return true;
  return standing !== undefined && (edges.lastRun !== undefined || wasSeenBy(standing.state, then.period.to));
}

function wasSeenBy(state: NonNullable<DrillDigest['standing']>['state'], at: Date): boolean {
  const seen = [state?.scheduledSince, state?.newestBackup?.firstSeenAt, state?.schedules[0]?.since];
  return seen.some((one) => one !== undefined && one < at);
}
