import type { Context } from 'hono';
import type { RunRecord } from '../../record/run-record.ts';
import { csvHead, csvRows } from '../../report/render/csv.ts';
import type { DashboardDeps } from '../deps.ts';
import { streamResponse } from './stream-response.ts';

type CsvDeps = Pick<DashboardDeps, 'store' | 'redact' | 'onError'>;

/** The largest number of full runs in memory at a time; reading them blocks the process for a few milliseconds. */
const RUNS_PER_READ = 200;

/** Every run, or every run of a drill, newest first, without secrets. Runs are read as the client takes them, however many there are. */
export function answerRunsCsv(context: Context, deps: CsvDeps, drill: string | undefined): Promise<Response> {
  context.header('Content-Type', 'text/csv; charset=utf-8');
  context.header('Content-Disposition', 'attachment; filename="firedrill-runs.csv"');
  return streamResponse(context, deps, writeCsv(deps, drill));
}

async function* writeCsv(deps: CsvDeps, drill: string | undefined): AsyncGenerator<string, void, undefined> {
  let runs = await readRuns(deps, drill, undefined);
  yield csvHead() + csvRows(runs, deps.redact);
  while (runs.length === RUNS_PER_READ) {
    runs = await readRuns(deps, drill, runs.at(-1));
    yield csvRows(runs, deps.redact);
  }
}

function readRuns({ store }: CsvDeps, drill: string | undefined, after: RunRecord | undefined) {
  const filter = { limit: RUNS_PER_READ, ...(drill === undefined ? {} : { drill }), ...(after ? { after } : {}) };
  return store().findRuns(filter);
}
