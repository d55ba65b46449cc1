import { sql, type Transaction } from 'kysely';
import { formatInstant } from '../../support/instants.ts';
import { parseOwner } from '../../support/owner.ts';
import { nameStage, STAGES } from '../../support/vocabulary.ts';
import { isRetryable } from '../retryable.ts';
import type { ErrorRecord, RunRecord } from '../run-record.ts';
import type { Death, RunLease } from '../store.ts';
import { readLease } from './lease-columns.ts';
import { endLive } from './live-runs.ts';
import { readRuns } from './read-runs.ts';
import { countEnded } from './run-count.ts';
import type { Schema } from './schema.ts';

/** Marks runs without a live process as `interrupted`. Holds the write lock from the first read, so that only one process marks a run. */
export async function interruptAbandoned(
  trx: Transaction<Schema>,
  now: Date,
  deathOf: (lease: RunLease) => Death | undefined,
): Promise<readonly RunRecord[]> {
  const deaths = new Map<string, Death>();
  for (const lease of await findLeases(trx)) {
    const death = deathOf(lease);
    if (death) deaths.set(lease.runId, death);
  }
  const abandoned = await readRuns(trx, [...deaths.keys()]);
  const marked = abandoned.map((run) => markInterrupted(run, now, deaths.get(run.id)));
  for (const run of marked) {
    const { id, error } = run;
    await trx
      .updateTable('run')
      .set({
        status: 'interrupted',
        ended_at: now.toISOString(),
        error_code: error.code,
        error_stage: error.stage ?? null,
        error_message: error.message,
        error_hint: error.hint ?? null,
        error_details: JSON.stringify(error.details),
        ended_by: run.endedBy ?? null,
        retryable: Number(run.retryable),
      })
      .where('id', '=', id)
      .execute();
    await countEnded(trx, run);
  }
  await endLive(
    trx,
    marked.map(({ id }) => id),
  );
  return marked;
}

export async function findLeases(trx: Transaction<Schema>): Promise<readonly RunLease[]> {
  const rows = await trx
    .selectFrom('run')
    .select(['id', 'lease_owner', 'lease_expires_at', 'lease_beat_ms'])
    .where('status', '=', sql.lit('running'))
    .orderBy('id')
    .execute();
  return rows.map((row) => {
    const { leaseOwner, leaseExpiresAt, leaseBeatMs } = readLease(row);
    return { runId: row.id, owner: leaseOwner, expiresAt: leaseExpiresAt, beatMs: leaseBeatMs };
  });
}

/** The run's record from now on. `endedAt` is when the interruption was detected; the actual time is unknown. */
export function markInterrupted(
  run: RunRecord,
  now: Date,
  death: Death = 'expired',
): RunRecord & { readonly error: ErrorRecord } {
  const ending = { status: 'interrupted', endedBy: 'process-lost' } as const;
  const retryable = isRetryable({ ...run, ...ending });
  return { ...run, ...ending, retryable, endedAt: now, error: describeInterruption(run, death) };
}

function describeInterruption(run: RunRecord, death: Death): ErrorRecord {
  const owner = parseOwner(run.leaseOwner);
  const who = owner ? `process ${owner.pid} on ${owner.host}` : 'the process';
  const last = run.stages.at(-1)?.name;
  const where = last === undefined ? 'no stage had ended' : `the last stage that ended was ${nameStage(last)}`;
  return {
    code: 'interrupted',
    stage: last === undefined ? STAGES[0] : STAGES[STAGES.indexOf(last) + 1],
    message: `${who} that ran it ${describeDeath(run, death)}; ${where}`,
    hint: `See how far it got with \`firedrill logs ${run.id}\`, then run the drill again; \`firedrill sweep\` removes what it left behind.`,
    details: [],
  };
}

function describeDeath({ leaseExpiresAt }: RunRecord, death: Death): string {
  if (death === 'gone') return 'is gone';
  if (death === 'silent') return 'has stopped sending heartbeats';
  return `has not renewed its lease, which ended on ${formatInstant(leaseExpiresAt)}`;
}
