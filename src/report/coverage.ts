import { formatAge } from '../support/quantities.ts';
import type { DigestContext, DrillDigest } from './digest.ts';
import { findFreeze } from './freezes.ts';
import type { ReportOptions } from './input.ts';
import { type Coverage, type CoverageGap, GAP_KINDS, type GapKind, type ReportPeriod } from './report.ts';

/** What is not covered, worst first, then by tier and age. */
export function describeCoverage(
  digests: readonly DrillDigest[],
  { asOf, period, options }: Pick<DigestContext, 'asOf' | 'period' | 'options'>,
): Coverage {
  const gaps = digests.flatMap((digest) => [...findGaps(digest, asOf, options), ...findDisabled(digest, asOf, period)]);
  const inForce = digests.filter(({ standing }) => standing !== undefined);
  const withGap = new Set(gaps.map(({ drill }) => drill));
  return {
    drillCount: inForce.length,
    coveredCount: inForce.filter(({ drill }) => !withGap.has(drill)).length,
    gaps: gaps.toSorted(
      (a, b) =>
        GAP_KINDS.indexOf(a.kind) - GAP_KINDS.indexOf(b.kind) ||
        (a.tier ?? LAST) - (b.tier ?? LAST) ||
        (b.ageMs ?? LAST) - (a.ageMs ?? LAST) ||
        (a.drill < b.drill ? -1 : 1),
    ),
  };
}

const LAST = Number.MAX_SAFE_INTEGER;

function findGaps(digest: DrillDigest, asOf: Date, options: ReportOptions): readonly CoverageGap[] {
  const { drill, tier, owner, edges, standing } = digest;
  const ageOf = (since: Date | number | undefined) => (since === undefined ? undefined : Math.max(0, +asOf - +since));
  const gap = (kind: GapKind, sentence: string, since?: Date | number, runId?: string): CoverageGap => {
    return {
      kind,
      drill,
      tier,
      owner,
      since: since === undefined ? undefined : new Date(since),
      ageMs: ageOf(since),
      sentence,
      runId,
    };
  };
  const age = (since: number) => formatAge(ageOf(since) ?? 0);
  const { lastRun, lastVerdict } = edges;
  if (!standing) {
    if (!lastRun) return [];
    return [
      gap('retired', `no drill any more; last run ${age(lastRun.startedMs)} ago`, lastRun.startedMs, lastRun.runId),
    ];
  }
  const gaps: CoverageGap[] = [];
  const failing = digest.incidents.find(({ kind, resolvedBy }) => kind === 'failed' && !resolvedBy);
  if (!lastRun) gaps.push(gap('never', 'never drilled: nobody knows whether it can be recovered'));
  if (failing && +asOf - failing.first.startedMs >= options.failingLongMs) {
    const { startedMs, runId } = failing.first;
    gaps.push(gap('failing-long', `failing for ${age(startedMs)}`, startedMs, runId));
  }
  if (lastRun && digest.runs > 0 && !digest.lastVerdict) {
    const last = lastVerdict ? `the last verdict is ${age(lastVerdict.startedMs)} old` : 'it never had a verdict';
    const sentence = `drilled ${digest.runs} times without proof: every run broke; ${last}`;
    gaps.push(
      gap('no-proof', sentence.replace('drilled 1 times', 'drilled once'), lastVerdict?.startedMs, lastRun.runId),
    );
  }
  if (lastRun && digest.runs === 0) {
    gaps.push(gap('not-drilled', `not drilled for ${age(lastRun.startedMs)}`, lastRun.startedMs, lastRun.runId));
  }
  if (standing.isOverdue) {
    const since = standing.standing.state === 'overdue' ? standing.standing.since : undefined;
    gaps.push(gap('overdue', standing.standing.sentence, since));
  }
  if (standing.standing.state === 'broken')
    gaps.push(gap('broken', standing.standing.sentence, standing.standing.since));
  if (!standing.drill.schedule) gaps.push(gap('not-scheduled', 'by hand only: nothing drills it by itself'));
  return gaps;
}

/** As of now, whatever the period, as everything here. */
function findDisabled(
  { drill, tier, owner, standing }: DrillDigest,
  asOf: Date,
  { zone }: ReportPeriod,
): readonly CoverageGap[] {
  const freeze = standing?.drill.schedule && findFreeze(standing.drill.schedule, asOf, zone);
  if (!freeze) return [];
  const { since, sentence } = freeze;
  const ageMs = since && asOf.getTime() - since.getTime();
  return [{ kind: 'disabled', drill, tier, owner, since, ageMs, sentence, runId: undefined }];
}
