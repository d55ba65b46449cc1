import { findOverdueThen, type OverdueThen, wasByHandOnly } from '../status/overdue-then.ts';
import { formatAge } from '../support/quantities.ts';
import type { DigestContext, DrillDigest } from './drill-digest.ts';
import { findFreeze } from './freezes.ts';
import { isOpen } from './incidents.ts';
import { endOf, isCounted, isOver } from './known-then.ts';
import {
  type CheckProof,
  type Coverage,
  type CoverageGap,
  GAP_KINDS,
  type GapKind,
  type RecoveryIdentity,
  type ReportPeriod,
} from './report.ts';

/** Coverage gaps, worst first, then by tier and age. For a past period: the gaps at its end, as far as known. */
export function describeCoverage(digests: readonly DrillDigest[], context: Context): Coverage {
  const currentDrills = digests.filter((digest) => isCounted(digest, context));
  const later = isOver(context) ? digests.filter((one) => one.standing !== undefined && !isCounted(one, context)) : [];
  const gaps = isOver(context)
    ? currentDrills.flatMap((digest) => findGapsThen(digest, context))
    : digests.flatMap((digest) => findGapsNow(digest, context));
  const withGap = new Set(gaps.map(({ drill }) => drill));
  return {
    drillCount: currentDrills.length,
    coveredCount: currentDrills.filter(({ drill }) => !withGap.has(drill)).length,
    laterCount: later.length,
    scheduleUnknownCount: isOver(context) ? currentDrills.filter((one) => !overdueThen(one, context).known).length : 0,
    recoveryIdentities: isOver(context) ? [] : currentDrills.flatMap(describeIdentity),
    proofs: isOver(context) ? [] : currentDrills.flatMap(describeProof),
    // a comparison belongs to both drills
    races: isOver(context) ? [] : [...new Set(currentDrills.flatMap(({ standing }) => standing?.races ?? []))],
    gaps: gaps.toSorted(
      (a, b) =>
        GAP_KINDS.indexOf(a.kind) - GAP_KINDS.indexOf(b.kind) ||
        (a.tier ?? LAST) - (b.tier ?? LAST) ||
        (b.ageMs ?? LAST) - (a.ageMs ?? LAST) ||
        (a.drill < b.drill ? -1 : 1),
    ),
  };
}

function describeIdentity({ drill, standing }: DrillDigest): readonly RecoveryIdentity[] {
  return standing?.recovery ? [{ drill, sentence: standing.recovery.sentence }] : [];
}

function describeProof({ drill, standing, edges }: DrillDigest): readonly CheckProof[] {
  if (!standing || !edges.lastRun) return [];
  const { sentence = 'checks never proven', caught, total, provenAt, runId } = standing.proof ?? {};
  return [{ drill, sentence, caught, total, provenAt, runId }];
}

const LAST = Number.MAX_SAFE_INTEGER;

type Context = Pick<DigestContext, 'asOf' | 'period' | 'options'>;

/** Gaps at the end of a past period, from the runs and from the schedule that a scheduler saw at the time; freezes of that time are not known. */
function findGapsThen(digest: DrillDigest, context: Context): readonly CoverageGap[] {
  const gap = gapOf(digest, endOf(context));
  const gaps = digest.edges.lastRun
    ? [...findGapsOfRuns(digest, context)]
    : [gap('never', 'had never been drilled by the end of the period')];
  const overdue = overdueThen(digest, context);
  if (overdue.known && overdue.dueAt)
    gaps.push(gap('overdue', `was due ${overdue.since} and had not run`, overdue.dueAt));
  if (wasByHandOnly(digest.standing?.state, endOf(context)))
    gaps.push(gap('not-scheduled', 'by hand only: nothing drilled it by itself'));
  return gaps;
}

function overdueThen({ standing, edges }: DrillDigest, context: Context): OverdueThen {
  if (!standing) return { known: false };
  const ranUntil = edges.lastRun && new Date(edges.lastRun.endedMs);
  return findOverdueThen(standing.drill, standing.state, ranUntil, endOf(context), standing.skips ?? []);
}

function findGapsNow(digest: DrillDigest, context: Context): readonly CoverageGap[] {
  const { asOf, period } = context;
  const { edges, standing } = digest;
  const gap = gapOf(digest, asOf);
  const { lastRun } = edges;
  if (!standing) {
    if (!lastRun) return [];
    const age = formatAge(Math.max(0, +asOf - lastRun.startedMs));
    return [gap('retired', `drill removed; last run ${age} ago`, lastRun.startedMs, lastRun.runId)];
  }
  const gaps = [...findGapsOfRuns(digest, context)];
  if (!lastRun) gaps.unshift(gap('never', 'never drilled: recovery has never been tested'));
  if (standing.isOverdue) {
    const since = standing.standing.state === 'overdue' ? standing.standing.since : undefined;
    gaps.push(gap('overdue', standing.standing.sentence, since));
  }
  if (standing.standing.state === 'broken')
    gaps.push(gap('broken', standing.standing.sentence, standing.standing.since));
  const { recovery, proof } = standing;
  if (recovery && recovery.state !== 'proven')
    gaps.push(gap('recovery-identity', recovery.sentence, recovery.provenAt, recovery.runId));
  if (!proof && lastRun && standing.drill.proveEveryMs !== undefined)
    gaps.push(gap('checks-unproven', 'checks never proven'));
  if (proof?.isOutdated || proof?.total === 0)
    gaps.push(gap('checks-unproven', proof.sentence, proof.provenAt, proof.runId));
  if (!standing.drill.schedule && standing.racedBy === undefined)
    gaps.push(gap('not-scheduled', 'not scheduled: runs only when started by hand'));
  return [...gaps, ...findDisabled(digest, asOf, period)];
}

function findGapsOfRuns(digest: DrillDigest, context: Context): readonly CoverageGap[] {
  const at = endOf(context);
  const gap = gapOf(digest, at);
  const age = (since: number) => formatAge(Math.max(0, +at - since));
  const { lastRun, lastVerdict } = digest.edges;
  const gaps: CoverageGap[] = [];
  const failing = digest.incidents.find((one) => one.kind === 'failed' && isOpen(one, at));
  if (failing && +at - failing.first.startedMs >= context.options.failingLongMs) {
    const { startedMs, runId } = failing.first;
    gaps.push(gap('failing-long', `failing for ${age(startedMs)}`, startedMs, runId));
  }
  if (lastRun && digest.runs > 0 && !digest.lastVerdict) {
    const last = lastVerdict ? `the last verdict is ${age(lastVerdict.startedMs)} old` : 'no run ever had a verdict';
    const times = digest.runs === 1 ? 'once' : `${digest.runs} times`;
    const sentence = `drilled ${times} without a verdict: every run errored; ${last}`;
    gaps.push(gap('no-proof', sentence, lastVerdict?.startedMs, lastRun.runId));
  }
  if (lastRun && digest.runs === 0) {
    gaps.push(gap('not-drilled', `not drilled for ${age(lastRun.startedMs)}`, lastRun.startedMs, lastRun.runId));
  }
  return gaps;
}

/** Returns a function that creates a drill's gaps. @param at the instant to which their age is measured. */
function gapOf({ drill, tier, owner }: DrillDigest, at: Date) {
  return (kind: GapKind, sentence: string, from?: Date | number, runId?: string): CoverageGap => {
    const since = from === undefined ? undefined : new Date(from);
    const ageMs = since && Math.max(0, +at - +since);
    return { kind, drill, tier, owner, since, ageMs, sentence, runId };
  };
}

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
