import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import { DrillError } from '../../support/errors.ts';
import type { Money } from '../../support/reading.ts';
import type { RunRecord, StageRecord } from '../run-record.ts';
import { type LogLine, RunEndedError } from '../store.ts';
import { endLive } from './live-runs.ts';
import { countEnded } from './run-count.ts';
import { toCheckRow, toRunRow } from './run-rows.ts';
import type { LogLineTable, PhaseTable, Schema } from './schema.ts';
import { costColumns } from './spending.ts';

type Trx = Transaction<Schema>;

const ROWS_PER_INSERT = 1000;

/** @param cost expected cost, which counts while the run is in progress. */
export async function claimRun(trx: Trx, run: RunRecord, cost: Money | undefined): Promise<void> {
  if (run.status !== 'running') throw refused(`run ${run.id} is claimed as ${run.status}, not as running`);
  const known = await trx.selectFrom('run').select('id').where('id', '=', run.id).executeTakeFirst();
  if (known) throw refused(`run ${run.id} is already recorded`);
  await insertDrill(trx, run.drill);
  await trx
    .insertInto('run')
    .values({
      ...toRunRow(run, await storeDefinition(trx, run.definition)),
      ...costColumns(cost),
    })
    .execute();
  await insertParts(trx, run);
}

export async function addStage(trx: Trx, runId: string, stage: StageRecord): Promise<void> {
  await requireRunning(trx, runId);
  const position = await nextPosition(trx, 'stage', runId);
  await trx
    .insertInto('stage')
    .values(toStageRow(runId, stage, position))
    .execute();
  await insertPhases(trx, toPhaseRows(runId, stage, position));
}

/** Also allowed for an ended run: later lines (such as a sent notification) belong to it and do not change the record. */
export async function addLog(trx: Trx, runId: string, lines: readonly LogLine[]): Promise<void> {
  await requireStatus(trx, runId);
  const first = await nextPosition(trx, 'log_line', runId);
  const rows = lines.map(
    ({ at, level, message }, index): LogLineTable => ({
      run_id: runId,
      position: first + index,
      at: at.toISOString(),
      level,
      message,
    }),
  );
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    await trx
      .insertInto('log_line')
      .values(rows.slice(start, start + ROWS_PER_INSERT))
      .execute();
  }
}

/** The row that is changed also tells whether the run is in progress, so there is no need to wait for other writers. */
export async function extendLease(trx: Trx, runId: string, leaseExpiresAt: Date): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('run')
    .set({ lease_expires_at: leaseExpiresAt.toISOString() })
    .where('id', '=', runId)
    .where('status', '=', 'running')
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) await requireRunning(trx, runId);
}

/** Writes the parts first and the run last, because the database rejects any change after that. */
export async function finishRun(trx: Trx, run: RunRecord): Promise<void> {
  if (run.status === 'running') throw refused(`run ${run.id} cannot end as running`);
  await requireRunning(trx, run.id);
  for (const table of ['reason', 'stage', 'phase', 'check_result'] as const) {
    await trx.deleteFrom(table).where('run_id', '=', run.id).execute();
  }
  await insertParts(trx, run);
  const { id, ...columns } = toRunRow(run, await storeDefinition(trx, run.definition));
  await insertDrill(trx, run.drill);
  await trx.updateTable('run').set(columns).where('id', '=', id).execute();
  await countEnded(trx, run);
  await endLive(trx, [run.id]);
}

/** Rows that reference a drill need its row. */
export async function insertDrill(trx: Trx, name: string): Promise<void> {
  await trx
    .insertInto('drill')
    .values({ name })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function requireRunning(trx: Trx, runId: string): Promise<void> {
  const status = await requireStatus(trx, runId);
  if (status !== 'running') throw new RunEndedError(runId, status);
}

async function requireStatus(trx: Trx, runId: string): Promise<string> {
  const row = await trx.selectFrom('run').select('status').where('id', '=', runId).executeTakeFirst();
  if (!row) throw refused(`there is no run ${runId}`);
  return row.status;
}

/** Stores the text once, no matter how many runs share it. @returns its id. */
async function storeDefinition(trx: Trx, json: string): Promise<number> {
  const sha256 = createHash('sha256').update(json).digest('hex');
  await trx
    .insertInto('definition')
    .values({ sha256, json })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { id } = await trx.selectFrom('definition').select('id').where('sha256', '=', sha256).executeTakeFirstOrThrow();
  return id;
}

async function insertParts(trx: Trx, run: RunRecord): Promise<void> {
  const reasons = run.reasons.map(({ reason, sentence, hint }, position) => {
    return { run_id: run.id, position, reason, sentence, hint: hint ?? null };
  });
  const stages = run.stages.map((stage, position) => toStageRow(run.id, stage, position));
  const checks = run.checks.map((check, position) => toCheckRow(run.id, check, position));
  if (reasons.length > 0) await trx.insertInto('reason').values(reasons).execute();
  if (stages.length > 0) await trx.insertInto('stage').values(stages).execute();
  await insertPhases(
    trx,
    run.stages.flatMap((stage, position) => toPhaseRows(run.id, stage, position)),
  );
  for (let start = 0; start < checks.length; start += ROWS_PER_INSERT) {
    await trx
      .insertInto('check_result')
      .values(checks.slice(start, start + ROWS_PER_INSERT))
      .execute();
  }
}

async function insertPhases(trx: Trx, rows: readonly PhaseTable[]): Promise<void> {
  if (rows.length > 0) await trx.insertInto('phase').values(rows).execute();
}

function toPhaseRows(runId: string, { phases }: StageRecord, stagePosition: number): readonly PhaseTable[] {
  return phases.map(({ name, startedAt, durationMs, bytes = null }, position) => ({
    run_id: runId,
    stage_position: stagePosition,
    position,
    name,
    started_at: startedAt?.toISOString() ?? null,
    duration_ms: durationMs,
    bytes,
  }));
}

function toStageRow(runId: string, stage: StageRecord, position: number) {
  return {
    run_id: runId,
    position,
    name: stage.name,
    started_at: stage.startedAt.toISOString(),
    duration_ms: stage.durationMs,
    outcome: stage.outcome,
  };
}

async function nextPosition(trx: Trx, table: 'stage' | 'log_line', runId: string): Promise<number> {
  const row = await trx
    .selectFrom(table)
    .select((eb) => eb.fn.max('position').as('last'))
    .where('run_id', '=', runId)
    .executeTakeFirst();
  const last: number | null | undefined = row?.last;
  return (last ?? -1) + 1;
}

export function refused(message: string): DrillError {
  return new DrillError('store-failed', message, { hint: 'See what is on record with `firedrill history`.' });
}
