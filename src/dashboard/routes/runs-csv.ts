import type { Context } from 'hono';
import type { RunRecord } from '../../record/run-record.ts';
import type { RunFilter } from '../../record/store.ts';
import { csvHead, csvRows } from '../../report/render/csv.ts';
import type { DashboardDeps } from '../deps.ts';
import { streamResponse } from './stream-response.ts';

type WantedRuns = Omit<RunFilter, 'limit' | 'after'>;
type CsvDeps = Pick<DashboardDeps, 'store' | 'redact' | 'onError'>;

/** The largest number of full runs in memory at a time; reading them blocks the process for a few milliseconds. */
const RUNS_PER_READ = 200;

/** Every run that matches the filter, newest first, without secrets. Runs are read as the client consumes them, no matter how many there are. */
export function answerRunsCsv(context: Context, deps: CsvDeps, wanted: WantedRuns): Promise<Response> {
  context.header('Content-Type', 'text/csv; charset=utf-8');
  context.header('Content-Disposition', 'attachment; filename="firedrill-runs.csv"');
  return streamResponse(context, deps, writeCsv(deps, wanted));
}

async function* writeCsv(deps: CsvDeps, wanted: WantedRuns): AsyncGenerator<string, void, undefined> {
  let runs = await readRuns(deps, wanted, undefined);
  yield csvHead() + csvRows(runs, deps.redact);
  while (runs.length === RUNS_PER_READ) {
    runs = await readRuns(deps, wanted, runs.at(-1));
    yield csvRows(runs, deps.redact);
  }
}

function readRuns({ store }: CsvDeps, wanted: WantedRuns, after: RunRecord | undefined) {
  return store().findRuns({ ...wanted, limit: RUNS_PER_READ, ...(after ? { after } : {}) });
}
