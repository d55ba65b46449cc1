import type { Budget, Objectives } from '../config/drill-file.ts';
import type { LoadOutcome } from '../engines/engine.ts';
import type { CheckRecord } from '../record/check-record.ts';
import type { ProtectionRecord, ReadingRecord, ReasonRecord, StageRecord } from '../record/run-record.ts';
import type { DrillError } from '../support/errors.ts';
import type { Verdict } from '../support/vocabulary.ts';

export interface JudgeInput {
  /** The drill's name, and its file as shown in hints. */
  readonly drill: string;
  readonly drillFile: string;
  readonly runId: string;
  readonly objectives: Objectives;
  /** Every stage that was started, with its outcome; at least the counted ones. */
  readonly stages: readonly StageRecord[];
  readonly checks: readonly CheckRecord[];
  /** Number of checks in the drill; with fewer results it cannot pass. */
  readonly checksPlanned: number;
  /** When the drill started; data age is measured to this instant. */
  readonly startedAt: Date;
  /** When the drilled backup was taken; undefined when none was chosen. */
  readonly takenAt: Date | undefined;
  /** When the newest backup was taken, which a real recovery would use, so data loss is measured from it. undefined: only the drilled one is known. */
  readonly newestTakenAt: Date | undefined;
  /**
   * Commit time of the last transaction in a log archive, after a recovery to its end: data loss is measured from this instead. `unknown`: data loss is not
   * judged.
   */
  readonly recoverableUntil?: Date | 'unknown' | undefined;
  /** The newest file of the log archive; undefined: none was replayed. */
  readonly logEndsWith?: string | undefined;
  /** When that file was stored; undefined: the store does not report it. */
  readonly logStoredAt?: Date | undefined;
  /** Stored size; undefined when no backup was chosen. */
  readonly sizeBytes: number | undefined;
  /** undefined when the drill does not ask for it, or the store was not asked. */
  readonly protection?: ProtectionRecord | undefined;
  /** The read limits, and what was read. */
  readonly budget?: Budget | undefined;
  readonly reading?: ReadingRecord | undefined;
  /** undefined when loading was not completed. */
  readonly load: Pick<LoadOutcome, 'errorCount' | 'errors' | 'ignoredCount' | 'stated'> | undefined;
  /** The run's error, whether or not it ended the run early. */
  readonly error: DrillError | undefined;
}

export interface Judgement {
  /** undefined when nothing can be concluded about the backup: the harness failed, was interrupted, or did not check everything. */
  readonly verdict: Verdict | undefined;
  /** One per reason, in the order of {@link REASONS}; empty unless failed. */
  readonly reasons: readonly ReasonRecord[];
  readonly warnings: readonly string[];
  /**
   * Wall-clock time from the start of `locate` to the end of `verify` without the stages that do not count. As stages are contiguous, that is the sum of
   * those that do. undefined when one of them is missing or was not completed.
   */
  readonly recoveryTimeMs: number | undefined;
  /** Age of the newest backup when the drill started, never below 0; undefined without a backup. */
  readonly dataLossMs: number | undefined;
  /** The verdict line. */
  readonly sentence: string;
}

/** Conclusions from the facts of a run, before they are turned into sentences. */
export interface Findings {
  readonly recoveryTimeMs: number | undefined;
  readonly dataLossMs: number | undefined;
}
