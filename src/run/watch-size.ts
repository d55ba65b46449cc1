import type { Backup } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import type { CheckRecord, PastCheck } from '../record/check-record.ts';
import type { Store } from '../record/store.ts';
import { formatBytes } from '../support/quantities.ts';
import { type ChangeRange, formatChange, formatChangeRange } from '../verify/change-range.ts';
import { judgeChange } from '../verify/judge-change.ts';
import type { StageContext } from './contract.ts';

/** The name under which results are recorded: later runs find them by it. */
const NAME = 'size of the backup (baseline)';
const MAX_RUNS = 500;
/** A compressor's whims and a small database's first rows are no change. */
const SLACK = { down: 4096, up: 2 ** 20 };

export interface WatchSizeInput {
  readonly drill: Pick<Drill, 'name' | 'baseline'>;
  readonly backup: Pick<Backup, 'sizeBytes' | 'takenAt'>;
  readonly store: Pick<Store, 'findPastChecks'>;
}

/** How many results it gives beside the drill's checks. */
export function sizeChecksPlanned({ baseline }: Pick<Drill, 'baseline'>): number {
  return baseline ? 1 : 0;
}

/** Compares the backup's stored size with the last good runs, before it is restored. A failed comparison fails the drill, and the restore still tells why. */
export async function watchSize(
  { drill, backup, store }: WatchSizeInput,
  { clock, emit }: Pick<StageContext, 'clock' | 'emit'>,
): Promise<void> {
  const { baseline } = drill;
  if (!baseline) return;
  const startedMs = clock.monotonicMs();
  const filter = { drill: drill.name, check: NAME, takenUntil: backup.takenAt, limit: MAX_RUNS };
  const finding = compareSize(backup.sizeBytes, await store.findPastChecks(filter), baseline);
  emit({ type: 'check', check: { ...finding, durationMs: Math.round(clock.monotonicMs() - startedMs) } });
}

/** @param past newest backup first. */
export function compareSize(
  sizeBytes: number,
  past: readonly PastCheck[],
  { size, sinceMs }: { readonly size: ChangeRange; readonly sinceMs: number },
): Omit<CheckRecord, 'durationMs'> {
  const values = past.flatMap(({ takenAt, record }) => {
    const value = record.measured?.['bytes'];
    return typeof value === 'number' ? [{ takenAt, value }] : [];
  });
  const found = judgeChange(sizeBytes, values, size, { sinceMs, slack: SLACK });
  const check = {
    name: NAME,
    expected: `within ${formatChangeRange(size)} of the last good runs`,
    measured: { bytes: sizeBytes },
  };
  const now = formatBytes(sizeBytes);
  if (!found) return { ...check, passed: true, actual: `learned ${now}: there is no good run to compare with` };
  const before = `${formatBytes(found.before)} before (${formatChange(found.before, sizeBytes)})`;
  return { ...check, passed: found.isWithin, actual: `${now}, ${before}` };
}
