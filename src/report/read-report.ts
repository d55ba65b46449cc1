import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FactRange, ReportStore } from '../record/report-store.ts';
import { type DrillDigest, digestDrill } from './digest.ts';
import { wantedEvidence } from './evidence.ts';
import type { DrillHistory, ReportRequest, ReportStanding } from './input.ts';
import { assembleReport, contextOf, passes, withoutHistory } from './make-report.ts';
import type { Report, ReportPeriod } from './report.ts';

/** Forecasts look back at least so far from the period's end, whatever the period. */
const LOOK_BACK_MS = 180 * 86_400_000;
const LOOK_BACK_RUNS = 150;
const COMPARED_RUNS = 1000;
/** Ids that go into one reading, so that others get their turn. */
const IDS_PER_TURN = 200;

export type ReportReader = Pick<
  ReportStore,
  'getFactDrills' | 'findFacts' | 'findRecoveryTimes' | 'getEdges' | 'findEndings' | 'getRuns'
>;

/**
 * Reads what a report needs, and makes it: a drill at a time, each in a few milliseconds, so that a daemon goes on with its work meanwhile.
 * Facts never change, so that what ends while this reads can be missing, and nothing can be half of it.
 * @param standings of the drills in force.
 */
export async function readReport(
  store: ReportReader,
  standings: readonly ReportStanding[],
  request: ReportRequest,
): Promise<Report> {
  const context = contextOf(request);
  const filter = request.filter ?? {};
  const known = new Map(standings.map((standing) => [standing.drill.name, standing]));
  const digests: DrillDigest[] = [];
  for (const drill of await store.getFactDrills()) {
    const standing = known.get(drill);
    if (standing && !passes(standing.drill, filter)) continue;
    digests.push(digestDrill(await readHistory(store, drill, context.period), standing, context));
    await nextTurn();
  }
  const all = withoutHistory(digests, standings).filter((digest) => passes(digest, filter));
  const endings = await inTurns(wantedEndings(all), (ids) => store.findEndings(ids));
  const evidence = await inTurns(wantedEvidence(all, context.options), (ids) => store.getRuns(ids));
  return assembleReport(request, context, all, endings, evidence);
}

/** What a report, or a drill's page, needs of a drill. Of what lies before the period a part is enough where runs are many: medians are made of it. */
export async function readHistory(
  store: Pick<ReportReader, 'findFacts' | 'findRecoveryTimes' | 'getEdges'>,
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
    edges: await store.getEdges(range),
  };
}

/** The runs whose words incidents are told in. */
function wantedEndings(digests: readonly DrillDigest[]): readonly string[] {
  const found = digests.flatMap(({ incidents }) => incidents.flatMap(({ first, last }) => [first.runId, last.runId]));
  return [...new Set(found)];
}

async function inTurns<T>(
  ids: readonly string[],
  read: (ids: readonly string[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const found: T[] = [];
  for (let start = 0; start < ids.length; start += IDS_PER_TURN) {
    found.push(...(await read(ids.slice(start, start + IDS_PER_TURN))));
    await nextTurn();
  }
  return found;
}
