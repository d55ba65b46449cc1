import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReportStore } from '../record/report-store.ts';
import type { DigestHelper } from './digest-helper.ts';
import type { DrillDigest, HistoryDigest } from './drill-digest.ts';
import { wantedEvidence } from './evidence.ts';
import type { ReportRequest, ReportStanding } from './input.ts';
import { assembleReport, contextOf, passes, withoutHistory } from './make-report.ts';
import { type HistoryReader, readHistory } from './read-history.ts';
import type { Report } from './report.ts';
import { summarizeDrill } from './summarize-drill.ts';

/** Ids that go into one reading, so that others get their turn. */
const IDS_PER_TURN = 200;

export type ReportReader = HistoryReader & Pick<ReportStore, 'getFactDrills' | 'findEndings' | 'getRuns'>;

/**
 * Reads what a report needs, and makes it: a drill at a time, each in a few milliseconds, so that a daemon goes on with its work meanwhile.
 * Facts never change, so that what ends while this reads can be missing, and nothing can be half of it.
 * @param standings of the drills in force.
 * @param helper does some of the drills, and has been told of those in force.
 */
export async function readReport(
  store: ReportReader,
  standings: readonly ReportStanding[],
  request: ReportRequest,
  helper?: DigestHelper,
): Promise<Report> {
  const context = contextOf(request);
  const filter = request.filter ?? {};
  const known = new Map(standings.map((standing) => [standing.drill.name, standing]));
  const digests: DrillDigest[] = [];
  const add = (digest: HistoryDigest) => digests.push({ ...digest, standing: known.get(digest.drill) });
  const digest = async (drill: string) => {
    const inForce = known.get(drill)?.drill;
    if (inForce && !passes(inForce, filter)) return;
    add(summarizeDrill(await readHistory(store, drill, context.period), inForce, context));
    await nextTurn();
  };
  // From the other end than the helper.
  const drills = helper?.drills ?? (await store.getFactDrills());
  for (const [index, drill] of [...drills.entries()].reverse()) {
    if (!helper || helper.claim(index)) await digest(drill);
  }
  if (helper) {
    const { done, left } = await helper.finish();
    for (const one of done) add(one);
    for (const drill of left) await digest(drill);
  }
  const all = withoutHistory(digests, standings).filter((digest) => passes(digest, filter));
  const endings = await inTurns(wantedEndings(all), (ids) => store.findEndings(ids));
  const evidence = await inTurns(wantedEvidence(all, context.options), (ids) => store.getRuns(ids));
  return assembleReport(request, context, all, endings, evidence);
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
