import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Context } from 'hono';
import type { RunRecord } from '../../record/run-record.ts';
import { csvHead, csvRow } from '../../report/render/csv.ts';
import type { DashboardDeps } from '../deps.ts';

type CsvDeps = Pick<DashboardDeps, 'store' | 'redact' | 'onError'>;

/** Whole runs that are in memory at a time; reading them holds up the process for a few milliseconds. */
const RUNS_PER_READ = 200;

/** Every run, or every run of a drill, newest first, without secrets: read as it is taken, however many there are. */
export async function answerRunsCsv(context: Context, deps: CsvDeps, drill: string | undefined): Promise<Response> {
  const first = await readRuns(deps, drill, undefined); // what fails at once is answered as a failure
  return context.body(ReadableStream.from(writeCsv(deps, drill, first)), 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': 'attachment; filename="firedrill-runs.csv"',
  });
}

/** A store that fails midway breaks the answer off: a file that ends early must not look whole. */
async function* writeCsv(
  deps: CsvDeps,
  drill: string | undefined,
  first: readonly RunRecord[],
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const encoder = new TextEncoder();
  let runs = first;
  yield encoder.encode(csvHead());
  try {
    for (let last = runs.at(-1); last; last = runs.at(-1)) {
      yield encoder.encode(runs.map((run) => csvRow(run, deps.redact)).join(''));
      if (runs.length < RUNS_PER_READ) return;
      await nextTurn();
      runs = await readRuns(deps, drill, last);
    }
  } catch (error) {
    deps.onError(error);
    throw new Error('the answer was broken off'); // @hono/node-server prints it, and cuts the connection
  }
}

function readRuns(
  deps: CsvDeps,
  drill: string | undefined,
  after: RunRecord | undefined,
): Promise<readonly RunRecord[]> {
  return deps
    .store()
    .findRuns({ limit: RUNS_PER_READ, ...(drill === undefined ? {} : { drill }), ...(after ? { after } : {}) });
}
