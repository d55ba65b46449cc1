import type { FactRange, ReportStore } from '../record/report-store.ts';
import type { DrillHistory } from './input.ts';
import type { ReportPeriod } from './report.ts';

/** Forecasts look back at least this far from the period's end, even for a short period. */
const LOOK_BACK_MS = 180 * 86_400_000;
const LOOK_BACK_RUNS = 150;
const COMPARED_RUNS = 1000;

export type HistoryReader = Pick<ReportStore, 'findFacts' | 'findRecoveryTimes' | 'getTotals' | 'getEdges'>;

/**
 * Reads what a report or a drill's page needs about a drill. Before the period, a sample is enough if there are many runs, because only medians are computed.
 */
export async function readHistory(
  store: HistoryReader,
  drill: string,
  { from, to, previous }: Pick<ReportPeriod, 'from' | 'to' | 'previous'>,
): Promise<DrillHistory> {
  const range = { drill, fromMs: from.getTime(), toMs: to.getTime() };
  const facts = await store.findFacts(range);
  const lookBack = { drill, fromMs: range.toMs - LOOK_BACK_MS, toMs: range.fromMs };
  const before = { drill, fromMs: previous.from.getTime(), toMs: previous.to.getTime() };
  const share = (limit: number, { fromMs, toMs }: FactRange) => {
    const expected = (facts.length * (toMs - fromMs)) / Math.max(1, range.toMs - range.fromMs);
    return Math.min(1, limit / Math.max(1, expected));
  };
  const earlier =
    lookBack.fromMs < lookBack.toMs
      ? await store.findFacts({ ...lookBack, share: share(LOOK_BACK_RUNS, lookBack) })
      : [];
  return {
    drill,
    facts: [...earlier, ...facts],
    previousRecoveryMs: await store.findRecoveryTimes({ ...before, share: share(COMPARED_RUNS, before) }),
    previous: await store.getTotals(before),
    edges: await store.getEdges(range),
  };
}
