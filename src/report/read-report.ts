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

/** The largest number of ids per read, so that other work gets its turn. */
const IDS_PER_TURN = 200;

export type ReportReader = HistoryReader & Pick<ReportStore, 'getFactDrills' | 'findEndings' | 'getRuns'>;

/**
 * Reads what a report needs and makes it, one drill at a time and a few milliseconds each, so that a daemon keeps doing its other work meanwhile.
 * Facts never change: a run that ends during the read may be missing but is never half included.
 * @param standings of the current drills.
 * @param helper does some of the drills; it must already have been sent the current drills.
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
  // Starts from the opposite end to the helper.
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

/** The runs whose endings describe the incidents. */
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
