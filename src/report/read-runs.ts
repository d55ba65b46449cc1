import type { ReportStore, RunFigures } from '../record/report-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { ReportRequest, ReportStanding } from './input.ts';
import { isOver } from './known-then.ts';
import { passes } from './make-report.ts';

/** Maximum number of full runs in memory at a time. */
const RUNS_PER_TURN = 200;

/** Reads every run of a period in batches, by drill and oldest first, for any number of runs. */
export async function* readRuns(
  store: Pick<ReportStore, 'getFactDrills' | 'findFacts' | 'getRuns'>,
  standings: readonly ReportStanding[],
  { asOf, period, filter = {} }: Pick<ReportRequest, 'asOf' | 'period' | 'filter'>,
): AsyncGenerator<readonly RunRecord[], void, undefined> {
  const known = new Map(standings.map(({ drill }) => [drill.name, drill]));
  for (const drill of await store.getFactDrills()) {
    const facts = await store.findFacts({ drill, fromMs: period.from.getTime(), toMs: period.to.getTime() });
    const owned = (isOver({ asOf, period }) ? undefined : known.get(drill)) ?? contextOf(facts);
    if (!passes({ tier: owned.tier, owner: owned.owner }, filter)) continue;
    for (let start = 0; start < facts.length; start += RUNS_PER_TURN) {
      const ids = facts.slice(start, start + RUNS_PER_TURN).map(({ runId }) => runId);
      yield await store.getRuns(ids);
    }
  }
}

/** For a removed drill, and for a past period, the values come from the last run. */
function contextOf(facts: readonly RunFigures[]): {
  readonly tier: number | undefined;
  readonly owner: string | undefined;
} {
  return facts.at(-1)?.context ?? { tier: undefined, owner: undefined };
}
