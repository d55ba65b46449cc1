import type { ReportStore } from '../record/report-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { ReportFormatKind } from '../report/format-kind.ts';
import { REPORT_FORMAT_KINDS } from '../report/format-registry.ts';
import type { ReportRequest, ReportStanding } from '../report/input.ts';
import { renderOrHtml } from '../report/render-or-html.ts';
import type { Clock } from '../support/clock.ts';
import { mapTexts } from '../support/map-texts.ts';
import { toPrintable } from '../support/printable.ts';
import type { ReportQuery, Reports } from './deps.ts';

const DAY_MS = 86_400_000;
/** How far back an outlook goes. */
const OUTLOOK_DAYS = 90;
/** Evidence is a link away, and drawing a chart for each drill would make users wait. */
const ON_A_PAGE = { evidence: false, charts: 12, runHref: (runId: string) => `/runs/${runId}` };

/** Makes reports from the currently open store, without secrets. The rendering code is loaded on first use, so schedulers without viewers never load it. */
export function createReports(deps: {
  readonly store: () => ReportStore;
  readonly standings: () => Promise<readonly ReportStanding[]>;
  readonly clock: Pick<Clock, 'now'>;
  readonly version: string;
  readonly redact: (text: string) => string;
}): Reports {
  const clean = <Value>(value: Value): Value =>
    mapTexts(value, (text) => toPrintable(deps.redact(text), Number.MAX_SAFE_INTEGER));
  async function* cleaned(runs: AsyncIterable<readonly RunRecord[]>): AsyncGenerator<readonly RunRecord[]> {
    for await (const some of runs) yield clean(some);
  }
  const toRequest = ({ from, to, tier, owner }: ReportQuery): ReportRequest => {
    return { asOf: deps.clock.now(), period: { from, to, zone: 'UTC' }, filter: { tier, owner } };
  };
  const read = async (query: ReportQuery) => {
    const { readReport } = await import('../report/read-report.ts');
    return clean(await readReport(deps.store(), await deps.standings(), toRequest(query)));
  };
  return {
    async renderTrend(drill, standing, days) {
      const { readTrend } = await import('../report/read-trend.ts');
      const { trendPanel } = await import('./pages/trend-panel.ts');
      const asOf = deps.clock.now();
      const period = { from: new Date(asOf.getTime() - days * DAY_MS), to: asOf, zone: 'UTC' };
      const found = await readTrend(deps.store(), drill, standing?.drill, { asOf, period });
      return found && trendPanel(clean(found));
    },
    async readOutlook(drill, standing) {
      const { readOutlook } = await import('../report/read-outlook.ts');
      const asOf = deps.clock.now();
      const period = { from: new Date(asOf.getTime() - OUTLOOK_DAYS * DAY_MS), to: asOf, zone: 'UTC' };
      return clean(await readOutlook(deps.store(), drill, standing.drill, { asOf, period }));
    },
    async renderReport(query) {
      const { renderFragment } = await import('../report/render/render-html.ts');
      return renderFragment(await read(query), ON_A_PAGE);
    },
    async exportReport(query, format, signal) {
      const kind: ReportFormatKind = REPORT_FORMAT_KINDS[format];
      if (kind.from === 'report') {
        const report = await read(query);
        signal.throwIfAborted();
        const made = await renderOrHtml(report, kind, { version: deps.version, signal });
        return { format: made.problem ? 'html' : format, pieces: piecesOf([made.content]) };
      }
      const { readRuns } = await import('../report/read-runs.ts');
      const runs = readRuns(deps.store(), await deps.standings(), toRequest(query));
      return { format, pieces: piecesOf(kind.write(cleaned(runs))) };
    },
  };
}

async function* piecesOf(
  parts: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): AsyncGenerator<string | Uint8Array, void, undefined> {
  yield* parts;
}
