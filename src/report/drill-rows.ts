import type { DigestContext, DrillDigest } from './drill-digest.ts';
import { isOpen } from './incidents.ts';
import { endOf, isCounted, isOver } from './known-then.ts';
import { DRILL_RESULTS, type DrillResult, type DrillRow, type SpeedChange } from './report-summary.ts';
import type { Trend } from './report-trend.ts';

type Then = Pick<DigestContext, 'asOf' | 'period'>;

/** The drills that the report counts: unproven ones first, then by tier and name. @param trends with their noise decisions applied. */
export function describeDrills(
  digests: readonly DrillDigest[],
  trends: ReadonlyMap<string, Trend>,
  then: Then,
): readonly DrillRow[] {
  return digests
    .filter((digest) => isCounted(digest, then))
    .map((digest) => describeDrill(digest, trends.get(digest.drill), then))
    .toSorted(
      (a, b) =>
        Number(a.result === 'proven') - Number(b.result === 'proven') ||
        (a.tier ?? LAST) - (b.tier ?? LAST) ||
        DRILL_RESULTS.indexOf(a.result) - DRILL_RESULTS.indexOf(b.result) ||
        (a.drill < b.drill ? -1 : 1),
    );
}

const LAST = Number.MAX_SAFE_INTEGER;

function describeDrill(digest: DrillDigest, trend: Trend | undefined, then: Then): DrillRow {
  const { drill, tier, owner, edges } = digest;
  const { lastPass } = edges;
  const recovery = trend?.recovery ?? { count: 0, medianMs: undefined, p95Ms: undefined };
  const rtoMs = rtoOf(digest, then);
  const { p95Ms } = recovery;
  return {
    drill,
    tier,
    owner,
    result: resultOf(digest, endOf(then)),
    proven: lastPass && { at: new Date(lastPass.startedMs), runId: lastPass.runId },
    recovery,
    rtoMs,
    headroom: p95Ms === undefined || rtoMs === undefined ? undefined : 1 - p95Ms / rtoMs,
    forecast: trend?.forecast,
  };
}

/** The current RTO; in a report on a past period, that of the newest run before its end. */
function rtoOf({ standing, edges }: DrillDigest, then: Then): number | undefined {
  const onRecord = edges.lastRun?.context.rtoMs;
  return isOver(then) ? onRecord : (standing?.drill.objectives.rtoMs ?? onRecord);
}

function resultOf({ incidents, edges, runs, lastVerdict }: DrillDigest, end: Date): DrillResult {
  if (incidents.some((one) => one.kind === 'failed' && isOpen(one, end))) return 'failing';
  if (!edges.lastRun) return 'never';
  if (runs === 0) return 'not-drilled';
  return lastVerdict?.outcome === 'passed' ? 'proven' : 'no-verdict';
}

/** Compares all drills with the previous period. */
export function describeSpeedChange(trends: readonly Trend[]): SpeedChange {
  const compared = trends.flatMap(({ change }) => (change.kind === 'compared' ? change : []));
  const ratios = compared.map(({ ratio }) => ratio).toSorted((a, b) => a - b);
  const [low, high] = [ratios[Math.floor((ratios.length - 1) / 2)], ratios[Math.ceil((ratios.length - 1) / 2)]];
  return {
    comparedCount: compared.length,
    ratio: low === undefined || high === undefined ? undefined : (low + high) / 2,
    slowerCount: compared.filter(({ isMoreThanNoise, ratio }) => isMoreThanNoise && ratio > 1).length,
    willMissCount: trends.filter(
      ({ forecast }) => forecast.kind === 'made' && ['now', 'expected'].includes(forecast.crossing.kind),
    ).length,
  };
}
