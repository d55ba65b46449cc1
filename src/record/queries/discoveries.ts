import { gunzipSync, gzipSync } from 'node:zlib';
import type { Transaction } from 'kysely';
import type { DiscoveryProgress, DiscoveryRecord, Finding } from '../discovery-store.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;

/** Saved progress of a place is obsolete if its discovery is not resumed for this long. */
const PROGRESS_KEPT_MS = 30 * 86_400_000;

export async function saveDiscovery(trx: Trx, record: DiscoveryRecord): Promise<void> {
  const row = { ended_at: record.endedAt.toISOString(), json: JSON.stringify(record) };
  await trx
    .insertInto('discovery')
    .values({ id: 1, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

export async function getDiscovery(trx: Trx): Promise<DiscoveryRecord | undefined> {
  const row = await trx.selectFrom('discovery').select('json').where('id', '=', 1).executeTakeFirst();
  return row && parseDiscovery(row.json);
}

/** JSON has neither dates nor undefined values. */
function parseDiscovery(json: string): DiscoveryRecord {
  const record = JSON.parse(json) as DiscoveryRecord;
  return {
    ...record,
    startedAt: new Date(record.startedAt),
    endedAt: new Date(record.endedAt),
    problems: record.problems.map((problem) => ({ ...problem, hint: problem.hint })),
    findings: record.findings.map(
      (finding): Finding =>
        finding.kind === 'series'
          ? {
              ...finding,
              newestAt: new Date(finding.newestAt),
              intervalMs: finding.intervalMs,
              engine: finding.engine,
            }
          : { ...finding, server: finding.server, sizeBytes: finding.sizeBytes },
    ),
  };
}

export async function saveDiscoveryProgress(trx: Trx, { place, savedAt, state }: DiscoveryProgress): Promise<void> {
  const row = { saved_at: savedAt.toISOString(), body: gzipSync(state) };
  const oldest = new Date(savedAt.getTime() - PROGRESS_KEPT_MS).toISOString();
  await trx.deleteFrom('discovery_progress').where('saved_at', '<', oldest).execute();
  await trx
    .insertInto('discovery_progress')
    .values({ place, ...row })
    .onConflict((conflict) => conflict.column('place').doUpdateSet(row))
    .execute();
}

export async function getDiscoveryProgress(trx: Trx, place: string): Promise<DiscoveryProgress | undefined> {
  const row = await trx.selectFrom('discovery_progress').selectAll().where('place', '=', place).executeTakeFirst();
  return row && { place, savedAt: new Date(row.saved_at), state: gunzipSync(row.body).toString('utf8') };
}
