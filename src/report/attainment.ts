import { NO_DATA_REASONS, type RunFigures } from '../record/report-store.ts';
import type { Attainment, AttainmentCell, Measure, ObjectiveChange, ReportMonth } from './report-attainment.ts';
import { hasVerdict } from './series.ts';

/** One drill's counts for one month; they can be summed. */
export interface Tally {
  readonly tier: number | undefined;
  /** Index of the month. */
  readonly month: number;
  runs: number;
  errored: number;
  interrupted: number;
  readonly counts: Record<MeasureName, { attained: number; missed: number }>;
}

const MEASURES = ['passed', 'rto', 'rpo', 'data'] as const;
type MeasureName = (typeof MEASURES)[number];

/**
 * Counts a drill's runs by month and by the tier that it had at the time. A run without a verdict proves nothing either way, so it is counted separately.
 * - RTO: attained when the recovery time was measured and within the target at the time; missed when nothing was recovered.
 * - RPO: the same for data loss; runs without an RPO do not count; missed when there was no backup.
 * - data: attained unless the backup was missing, could not be restored, or a check failed.
 */
export function tallyRuns(facts: readonly RunFigures[], months: readonly ReportMonth[]): readonly Tally[] {
  const tallies: Tally[] = [];
  let month = 0;
  let tally: Tally | undefined;
  for (const fact of facts) {
    while (month < months.length - 1 && fact.startedMs >= (months[month]?.to.getTime() ?? 0)) month += 1;
    const { tier } = fact.context;
    if (tally?.month !== month || tally.tier !== tier) {
      tally = tallies.find((other) => other.month === month && other.tier === tier) ?? emptyTally(tier, month);
      if (!tallies.includes(tally)) tallies.push(tally);
    }
    count(tally, fact);
  }
  return tallies;
}

function count(tally: Tally, fact: RunFigures): void {
  tally.runs += 1;
  if (!hasVerdict(fact)) {
    tally[fact.outcome === 'errored' ? 'errored' : 'interrupted'] += 1;
    return;
  }
  const { recoveryTimeMs, dataLossMs, reasons } = fact;
  const { rtoMs, rpoMs } = fact.context;
  const add = (name: MeasureName, isAttained: boolean) => {
    tally.counts[name][isAttained ? 'attained' : 'missed'] += 1;
  };
  add('passed', fact.outcome === 'passed');
  add('rto', recoveryTimeMs !== undefined && recoveryTimeMs <= rtoMs);
  if (rpoMs !== undefined) add('rpo', dataLossMs !== undefined && dataLossMs <= rpoMs);
  add('data', !reasons.some((reason) => NO_DATA_REASONS.includes(reason)));
}

/** Sums the tallies of all drills. */
export function sumUp(
  tallies: readonly Tally[],
  months: readonly ReportMonth[],
  targetShare: number,
  objectiveChanges: readonly ObjectiveChange[],
): Attainment {
  const rowOf = (own: readonly Tally[]) => ({
    total: toCell(own, targetShare),
    months: months.map((_, index) =>
      toCell(
        own.filter(({ month }) => month === index),
        targetShare,
      ),
    ),
  });
  const tiers = [...new Set(tallies.map(({ tier }) => tier))].toSorted((a, b) => (a ?? LAST) - (b ?? LAST));
  return {
    targetShare,
    method: METHOD,
    months,
    all: rowOf(tallies),
    tiers: tiers.map((tier) => ({ tier, ...rowOf(tallies.filter((tally) => tally.tier === tier)) })),
    objectiveChanges,
  };
}

const LAST = Number.MAX_SAFE_INTEGER;

/** The error budget as in the Site Reliability Workbook, chapter 2: https://sre.google/workbook/implementing-slos/. */
const METHOD =
  'Each run is judged by the objectives at the time it began. Shares are of runs with a verdict; runs without one (errored, interrupted) prove nothing and are listed separately. ' +
  'A run that recovered nothing misses the RTO; a run without a backup misses the RPO; runs without an RPO are not counted for it. ' +
  'The error budget is the number of misses that the target share allows: (1 − target) × runs with a verdict; what remains of it is 1 − misses ÷ allowed.';

function toCell(tallies: readonly Tally[], targetShare: number): AttainmentCell {
  const sum = (value: (tally: Tally) => number) => tallies.reduce((total, tally) => total + value(tally), 0);
  const measure = (name: MeasureName) => {
    return toMeasure(
      sum(({ counts }) => counts[name].attained),
      sum(({ counts }) => counts[name].missed),
      targetShare,
    );
  };
  return {
    runs: sum(({ runs }) => runs),
    passed: measure('passed'),
    rto: measure('rto'),
    rpo: measure('rpo'),
    data: measure('data'),
    errored: sum(({ errored }) => errored),
    interrupted: sum(({ interrupted }) => interrupted),
  };
}

function toMeasure(attained: number, missed: number, targetShare: number): Measure {
  const judged = attained + missed;
  const allowed = Math.round((1 - targetShare) * judged * 1e6) / 1e6; // in floating point 1 - 0.9 is slightly less than 0.1
  return {
    attained,
    missed,
    share: judged === 0 ? undefined : attained / judged,
    budget: { allowed, spent: missed, remainingShare: allowed > 0 ? 1 - missed / allowed : undefined },
  };
}

function emptyTally(tier: number | undefined, month: number): Tally {
  const none = () => ({ attained: 0, missed: 0 });
  const counts = { passed: none(), rto: none(), rpo: none(), data: none() };
  return { tier, month, runs: 0, errored: 0, interrupted: 0, counts };
}

/** Finds where a drill's objectives changed. @param before the run before the first of `facts`. */
export function findObjectiveChanges(
  before: RunFigures | undefined,
  facts: readonly RunFigures[],
): readonly ObjectiveChange[] {
  const changes: ObjectiveChange[] = [];
  let last = before?.context;
  for (const { drill, startedMs, context } of facts) {
    if (last && context !== last) {
      const at = new Date(startedMs);
      if (context.rtoMs !== last.rtoMs) {
        changes.push({ drill, at, objective: 'rto', fromMs: last.rtoMs, toMs: context.rtoMs });
      }
      if (context.rpoMs !== last.rpoMs) {
        changes.push({ drill, at, objective: 'rpo', fromMs: last.rpoMs, toMs: context.rpoMs });
      }
    }
    last = context;
  }
  return changes;
}
