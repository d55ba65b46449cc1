import type { Transaction } from 'kysely';
import type { StageName } from '../../support/vocabulary.ts';
import type { Baseline } from '../store.ts';
import type { Schema } from './schema.ts';

const RUNS = 10;

/** The parts of a passed run that the baseline needs. */
export interface BaselineRun {
  readonly recoveryTimeMs: number;
  readonly restoreMs: number | undefined;
  readonly sizeBytes: number | undefined;
  readonly dataBytes: number | undefined;
  readonly counts: readonly StageName[];
}

export async function readBaseline(trx: Transaction<Schema>, drill: string): Promise<Baseline | undefined> {
  const rows = await trx
    .selectFrom('run')
    .leftJoin('stage', (join) => join.onRef('stage.run_id', '=', 'run.id').on('stage.name', '=', 'restore'))
    .select([
      'run.recovery_time_ms',
      'run.backup_size_bytes',
      'run.sandbox_data_bytes',
      'run.counted_stages',
      'stage.duration_ms',
    ])
    .where('run.drill', '=', drill)
    .where('run.verdict', '=', 'passed')
    .orderBy('run.started_at', 'desc')
    .orderBy('run.id', 'desc')
    .limit(RUNS)
    .execute();
  return computeBaseline(
    rows.map((row) => ({
      recoveryTimeMs: row.recovery_time_ms ?? 0,
      restoreMs: row.duration_ms ?? undefined,
      sizeBytes: row.backup_size_bytes ?? undefined,
      dataBytes: row.sandbox_data_bytes ?? undefined,
      counts: JSON.parse(row.counted_stages) as StageName[],
    })),
  );
}

/** Uses medians, so that a single outlier does not move the forecast. undefined without runs. */
export function computeBaseline(runs: readonly BaselineRun[]): Baseline | undefined {
  if (runs.length === 0) return undefined;
  const rates = runs.flatMap(({ sizeBytes, restoreMs }) => {
    return sizeBytes !== undefined && restoreMs !== undefined && restoreMs > 0 ? (sizeBytes / restoreMs) * 1000 : [];
  });
  return {
    runs: runs.length,
    medianRecoveryTimeMs: median(runs.map((run) => run.recoveryTimeMs)),
    medianRestoreBytesPerSecond: median(rates),
    medianBesideRestoreMs: median(runs.map(besideRestoreMs)),
    dataExpansion: largest(runs.flatMap(expansionOf)),
  };
}

function besideRestoreMs({ recoveryTimeMs, restoreMs, counts }: BaselineRun): number {
  return counts.includes('restore') ? Math.max(0, recoveryTimeMs - (restoreMs ?? 0)) : recoveryTimeMs;
}

function expansionOf({ sizeBytes, dataBytes }: BaselineRun): readonly number[] {
  return sizeBytes !== undefined && sizeBytes > 0 && dataBytes !== undefined ? [dataBytes / sizeBytes] : [];
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
