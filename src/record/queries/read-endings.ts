import type { Transaction } from 'kysely';
import type { RunEnding } from '../report-store.ts';
import type { Schema } from './schema.ts';

/** Below the limit of parameters per statement: 32,766 in SQLite, 65,535 in PostgreSQL. */
const RUNS_PER_QUERY = 500;

/** Reads only how runs ended, as text. */
export async function readEndings(trx: Transaction<Schema>, runIds: readonly string[]): Promise<readonly RunEnding[]> {
  const endings = new Map<string, RunEnding>();
  for (let start = 0; start < runIds.length; start += RUNS_PER_QUERY) {
    const ids = runIds.slice(start, start + RUNS_PER_QUERY);
    const runs = await trx
      .selectFrom('run')
      .select(['id', 'error_code', 'error_message'])
      .where('id', 'in', ids)
      .execute();
    const reasons = await trx
      .selectFrom('reason')
      .select(['run_id', 'sentence'])
      .where('run_id', 'in', ids)
      .orderBy('run_id')
      .orderBy('position')
      .execute();
    const byRun = Map.groupBy(reasons, (row) => row.run_id);
    for (const { id, error_code: code, error_message: message } of runs) {
      const sentences = (byRun.get(id) ?? []).map((row) => row.sentence);
      endings.set(id, { runId: id, sentences, error: code === null ? undefined : { code, message: message ?? '' } });
    }
  }
  return runIds.flatMap((id) => endings.get(id) ?? []);
}
