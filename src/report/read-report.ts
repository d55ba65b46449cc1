import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AcknowledgementStore } from '../record/acknowledgement-store.ts';
import type { DiscoveryStore } from '../record/discovery-store.ts';
import type { ReportStore } from '../record/report-store.ts';
import type { RequestStore } from '../record/request-store.ts';
import type { ScheduleStore } from '../record/schedule-store.ts';
import type { SilenceStore } from '../record/silence-store.ts';
import { inParallel } from '../support/in-parallel.ts';
import { discoveredGaps } from './discovered-gaps.ts';
import type { DrillDigest } from './drill-digest.ts';
import { wantedEvidence } from './evidence.ts';
import type { ReportRequest, ReportStanding } from './input.ts';
import { isOver } from './known-then.ts';
import { assembleReport, contextOf, drillThen, passes, withoutHistory } from './make-report.ts';
import { readProviderReport } from './provider-report.ts';
import { type HistoryReader, readHistory } from './read-history.ts';
import type { Report } from './report.ts';
import { summarizeDrill } from './summarize-drill.ts';

/** While one drill is summarized, a server answers for others. Fewer than a store has connections, which pages need, too. */
const DRILLS_AT_ONCE = 3;
/** Maximum number of ids per read, so that other work gets its turn. */
const IDS_PER_TURN = 200;
/** Maximum number of skipped runs read per drill, to find what was overdue at the end of a past period. */
const SKIPS_PER_DRILL = 1000;

export type ReportReader = HistoryReader &
  Pick<ReportStore, 'getFactDrills' | 'findEndings' | 'getRuns'> &
  Partial<
    Pick<DiscoveryStore, 'getDiscovery'> &
      Pick<AcknowledgementStore, 'findAcknowledgements'> &
      Pick<SilenceStore, 'findSilences'> &
      Pick<ScheduleStore, 'findSkips'> &
      Pick<RequestStore, 'findRequestHours' | 'findRequests'>
  >;

/**
 * Reads what a report needs and makes it, a few milliseconds at a time, so that a daemon can do its other work meanwhile. Facts never
 * change: a run that ends during the read may be missing, but is never half included.
 * @param current the current drills.
 * @param onShare called with the share of the drills that have been read, 0 to 1.
 */
export async function readReport(
  store: ReportReader,
  current: readonly ReportStanding[],
  request: ReportRequest,
  onShare: (share: number) => void = () => undefined,
): Promise<Report> {
  const context = contextOf(request);
  const standings = isOver(context) ? await withSkips(store, current) : current;
  const filter = request.filter ?? {};
  const known = new Map(standings.map((standing) => [standing.drill.name, standing]));
  const names = await store.getFactDrills();
  let done = 0;
  const digests = await inParallel(names, DRILLS_AT_ONCE, async (name): Promise<readonly DrillDigest[]> => {
    onShare(done / names.length);
    done += 1;
    const standing = known.get(name);
    const drill = drillThen(standing, context);
    if (drill && !passes(drill, filter)) return [];
    const history = await readHistory(store, name, context.period);
    const digest = { ...summarizeDrill(history, drill, context), standing };
    await nextTurn();
    return [digest];
  });
  const all = withoutHistory(digests.flat(), standings, context).filter((digest) => passes(digest, filter));
  const endings = await inTurns(wantedEndings(all), (ids) => store.findEndings(ids));
  const evidence = await inTurns(wantedEvidence(all, context.options), (ids) => store.getRuns(ids));
  const { from, to } = context.period;
  const acknowledgements = await store.findAcknowledgements?.({ from, to });
  const silences = await store.findSilences?.({ from, to });
  const report = assembleReport(request, context, all, {
    endings,
    evidence,
    ...(acknowledgements && { acknowledgements }),
    ...(silences && { silences }),
  });
  const isFiltered = filter.tier !== undefined || filter.owner !== undefined;
  if (isFiltered || isOver(context)) return report;
  const discovery = await store.getDiscovery?.();
  const providers = keepsRequests(store) ? await readProviderReport(store, { from, now: request.asOf }) : undefined;
  return {
    ...report,
    ...(discovery && { discovery: discoveredGaps(discovery) }),
    ...(providers && { providers }),
  };
}

function keepsRequests(
  store: ReportReader,
): store is ReportReader & Pick<RequestStore, 'findRequestHours' | 'findRequests'> {
  return store.findRequestHours !== undefined && store.findRequests !== undefined;
}

async function withSkips(
  store: Pick<ReportReader, 'findSkips'>,
  standings: readonly ReportStanding[],
): Promise<readonly ReportStanding[]> {
  const all: ReportStanding[] = [];
  for (const one of standings) {
    const skips = await store.findSkips?.({ drill: one.drill.name, limit: SKIPS_PER_DRILL });
    all.push(skips ? { ...one, skips } : one);
    await nextTurn();
  }
  return all;
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
