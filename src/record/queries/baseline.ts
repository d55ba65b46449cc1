import type { Transaction } from 'kysely';
import type { StageName } from '../../support/vocabulary.ts';
import type { Baseline, RunTiming } from '../store.ts';
import type { Schema } from './schema.ts';

const RUNS = 10;

/** The parts of a passed run that are needed for the baseline. */
export interface BaselineRun extends RunTiming {
  readonly recoveryTimeMs: number;
  readonly dataBytes: number | undefined;
  /** Whether a log was replayed. */
  readonly hasReplay: boolean;
}

export async function readBaseline(trx: Transaction<Schema>, drill: string): Promise<Baseline | undefined> {
  const rows = await trx
    .selectFrom('run')
    .select(['id', 'recovery_time_ms', 'backup_size_bytes', 'sandbox_data_bytes', 'counted_stages', 'replay'])
    .where('drill', '=', drill)
    .where('verdict', '=', 'passed')
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(RUNS)
    .execute();
  const stagesOf = await readStages(
    trx,
    rows.map(({ id }) => id),
  );
  return computeBaseline(
    rows.map((row) => ({
      recoveryTimeMs: row.recovery_time_ms ?? 0,
      sizeBytes: row.backup_size_bytes ?? undefined,
      dataBytes: row.sandbox_data_bytes ?? undefined,
      hasReplay: row.replay !== null,
      counts: JSON.parse(row.counted_stages) as StageName[],
      stages: stagesOf(row.id),
    })),
  );
}

async function readStages(
  trx: Transaction<Schema>,
  ids: readonly string[],
): Promise<(runId: string) => RunTiming['stages']> {
  if (ids.length === 0) return () => [];
  const stages = await trx.selectFrom('stage').selectAll().where('run_id', 'in', ids).orderBy('position').execute();
  const phases = await trx.selectFrom('phase').selectAll().where('run_id', 'in', ids).orderBy('position').execute();
  return (runId) =>
    stages
      .filter((stage) => stage.run_id === runId)
      .map(({ name, duration_ms: durationMs, outcome, position }) => ({
        name,
        durationMs,
        outcome,
        phases: phases
          .filter((phase) => phase.run_id === runId && phase.stage_position === position)
          .map(({ name, duration_ms: durationMs, bytes }) => ({ name, durationMs, ...(bytes !== null && { bytes }) })),
      }));
}

/** Uses medians, so that a single outlier does not move the forecast. undefined without runs. @param runs newest first. */
export function computeBaseline(runs: readonly BaselineRun[]): Baseline | undefined {
  if (runs.length === 0) return undefined;
  const rates = runs.flatMap((run) => {
    const restoreMs = restoreMsOf(run);
    return run.sizeBytes !== undefined && restoreMs > 0 ? (run.sizeBytes / restoreMs) * 1000 : [];
  });
  return {
    runs: runs.length,
    medianRecoveryTimeMs: median(runs.map((run) => run.recoveryTimeMs)),
    medianRestoreBytesPerSecond: median(rates),
    medianBesideRestoreMs: median(runs.map(besideRestoreMs)),
    dataExpansion: largest(runs.flatMap(expansionOf)),
    logBytes: largest(runs.flatMap(logBytesOf)),
    timings: runs.map(({ sizeBytes, counts, stages }) => ({ sizeBytes, counts, stages })),
  };
}

function restoreMsOf({ stages }: BaselineRun): number {
  return stages.find(({ name }) => name === 'restore')?.durationMs ?? 0;
}

function besideRestoreMs(run: BaselineRun): number {
  const { recoveryTimeMs, counts } = run;
  return counts.includes('restore') ? Math.max(0, recoveryTimeMs - restoreMsOf(run)) : recoveryTimeMs;
}

function expansionOf({ sizeBytes, dataBytes }: BaselineRun): readonly number[] {
  return sizeBytes !== undefined && sizeBytes > 0 && dataBytes !== undefined ? [dataBytes / sizeBytes] : [];
}

function logBytesOf({ hasReplay, stages }: BaselineRun): readonly number[] {
  const fetched = stages.flatMap(({ phases }) => phases.filter(({ name }) => name === 'fetch'));
  return hasReplay ? fetched.flatMap(({ bytes }) => bytes ?? []) : [];
}

/** The maximum, not the median: the disk must be large enough for the largest restore. */
function largest(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

/** 0 for an empty list. */
function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
