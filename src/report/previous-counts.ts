import type { RunTotals } from '../record/report-store.ts';
import type { DigestContext, DrillDigest } from './drill-digest.ts';
import { isCounted } from './known-then.ts';
import type { PreviousCounts } from './report-summary.ts';

/**
 * Counts the previous period for the same drills, and for those that ran in it and have been removed since. @returns undefined: nothing had run by its end.
 */
export function countPrevious(
  digests: readonly DrillDigest[],
  context: Pick<DigestContext, 'asOf' | 'period'>,
): PreviousCounts | undefined {
  const endMs = context.period.previous.to.getTime();
  const then = digests.filter(
    (digest) =>
      (digest.previous.runs > 0 || isCounted(digest, context)) && (digest.edges.firstRun?.startedMs ?? endMs) < endMs,
  );
  if (then.length === 0) return undefined;
  const sum = (count: (totals: RunTotals) => number) => then.reduce((all, { previous }) => all + count(previous), 0);
  const share = (part: number, whole: number) => (whole === 0 ? undefined : part / whole);
  const judged = sum((totals) => totals.judged);
  return {
    drillCount: then.length,
    provenCount: then.filter(({ previous }) => previous.lastVerdict === 'passed').length,
    failingCount: then.filter(({ edges }) => edges.failingSince !== undefined).length,
    runs: sum(({ runs }) => runs),
    rto: share(
      sum(({ withinRto }) => withinRto),
      judged,
    ),
    rpo: share(
      sum(({ withinRpo }) => withinRpo),
      sum(({ withRpo }) => withRpo),
    ),
    data: share(
      sum(({ rightData }) => rightData),
      judged,
    ),
  };
}
