import type { Backup } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import type { CheckRecord, PastCheck } from '../record/check-record.ts';
import type { Store } from '../record/store.ts';
import { formatBytes } from '../support/quantities.ts';
import { type ChangeRange, formatChange, formatChangeRange } from '../verify/change-range.ts';
import { hashQuestion, openCheckHistory } from '../verify/check-history.ts';
import { judgeChange } from '../verify/judge-change.ts';
import { readNumbers, readPastWindow } from '../verify/past-window.ts';
import type { StageContext } from './contract.ts';

const NAME = 'size of the backup (baseline)';
/** Later runs find earlier results by this hash, as they do for checks. */
const QUESTION = hashQuestion('size', null);
/** Differences up to this size are ignored, in bytes: compression varies, and a small database grows with its first rows. */
const SLACK = { down: 4096, up: 2 ** 20 };

export interface WatchSizeInput {
  readonly drill: Pick<Drill, 'name' | 'baseline'>;
  readonly backup: Pick<Backup, 'sizeBytes' | 'takenAt'>;
  readonly store: Pick<Store, 'findPastChecks'>;
}

/** Number of results this adds to those of the drill's checks. */
export function sizeChecksPlanned({ baseline }: Pick<Drill, 'baseline'>): number {
  return baseline ? 1 : 0;
}

/**
 * Compares the backup's stored size with the last good runs, before it is restored. A failed comparison fails the drill, but the backup is still restored to
 * find out more.
 */
export async function watchSize(
  { drill, backup, store }: WatchSizeInput,
  { clock, emit }: Pick<StageContext, 'clock' | 'emit'>,
): Promise<void> {
  const { baseline } = drill;
  if (!baseline) return;
  const startedMs = clock.monotonicMs();
  const { all } = openCheckHistory(
    { check: NAME, question: QUESTION },
    {
      findPast: (filter) => store.findPastChecks({ ...filter, drill: drill.name, takenUntil: backup.takenAt }),
      onWarning: (warning) => emit({ type: 'warning', message: `check '${NAME}' ${warning}` }),
    },
  );
  const finding = await compareSize(backup.sizeBytes, all(), baseline);
  emit({ type: 'check', check: { ...finding, durationMs: Math.round(clock.monotonicMs() - startedMs) } });
}

/** @param history newest backup first. */
export async function compareSize(
  sizeBytes: number,
  history: AsyncIterable<PastCheck>,
  { size, sinceMs }: { readonly size: ChangeRange; readonly sinceMs: number },
): Promise<Omit<CheckRecord, 'durationMs'>> {
  const past = await readPastWindow(history, sinceMs, ({ measured }) => readNumbers(measured));
  const found = judgeChange(sizeBytes, past?.values.get('bytes'), size, SLACK);
  const check = {
    name: NAME,
    expected: `within ${formatChangeRange(size)} of the last good runs`,
    measured: { bytes: sizeBytes },
    question: QUESTION,
  };
  const now = formatBytes(sizeBytes);
  if (!found) return { ...check, passed: true, actual: `learned ${now}: there is no good run to compare with` };
  const before = `${formatBytes(found.before)} before (${formatChange(found.before, sizeBytes)})`;
  return { ...check, passed: found.isWithin, actual: `${now}, ${before}` };
}
