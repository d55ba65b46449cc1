import { sql, type Transaction } from 'kysely';
import { formatInstant } from '../../support/instants.ts';
import { parseOwner } from '../../support/owner.ts';
import { nameStage, STAGES } from '../../support/vocabulary.ts';
import { isRetryable } from '../retryable.ts';
import type { ErrorRecord, RunRecord } from '../run-record.ts';
import { endLive } from './live-runs.ts';
import { readRuns } from './read-runs.ts';
import { countEnded } from './run-count.ts';
import type { Schema } from './schema.ts';

/** Marks runs without a live process as `interrupted`. Holds the write lock from the first read, so that only one process marks a run. */
export async function interruptAbandoned(
  trx: Transaction<Schema>,
  now: Date,
  isDead: (leaseOwner: string) => boolean,
): Promise<readonly RunRecord[]> {
  const rows = await trx
    .selectFrom('run')
    .select('id')
    .where('status', '=', sql.lit('running'))
    .orderBy('id')
    .execute();
  const running = await readRuns(
    trx,
    rows.map((row) => row.id),
  );
  const abandoned = running.filter((run) => run.leaseExpiresAt <= now || isDead(run.leaseOwner));
  const marked = abandoned.map((run) => markInterrupted(run, now));
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

/** The run as recorded from then on. `endedAt` is when the interruption was detected; the actual time is unknown. */
export function markInterrupted(run: RunRecord, now: Date): RunRecord & { readonly error: ErrorRecord } {
  const ending = { status: 'interrupted', endedBy: 'process-lost' } as const;
  const retryable = isRetryable({ ...run, ...ending });
  return { ...run, ...ending, retryable, endedAt: now, error: describeInterruption(run, now) };
}

function describeInterruption(run: RunRecord, now: Date): ErrorRecord {
  const owner = parseOwner(run.leaseOwner);
  const who = owner ? `process ${owner.pid} on ${owner.host}` : 'the process';
  const silent =
    run.leaseExpiresAt <= now
      ? `has not renewed its lease, which ended on ${formatInstant(run.leaseExpiresAt)}`
      : 'is gone';
  const last = run.stages.at(-1)?.name;
  const where = last === undefined ? 'no stage had ended' : `the last stage that ended was ${nameStage(last)}`;
  return {
    code: 'interrupted',
    stage: last === undefined ? STAGES[0] : STAGES[STAGES.indexOf(last) + 1],
    message: `${who} that ran it ${silent}; ${where}`,
    hint: `See how far it got with \`firedrill logs ${run.id}\`, then run the drill again; \`firedrill sweep\` removes what it left behind.`,
    details: [],
  };
}
