import type { Objectives } from '../config/drill-file.ts';
import type { LoadOutcome } from '../engines/engine.ts';
import type { CheckRecord, ReasonRecord, StageRecord } from '../record/run-record.ts';
import type { DrillError } from '../support/errors.ts';
import type { Verdict } from '../support/vocabulary.ts';

export interface JudgeInput {
  /** The drill's name, and its file as hints name it. */
  readonly drill: string;
  readonly drillFile: string;
  readonly runId: string;
  readonly objectives: Objectives;
  /** Every stage that was begun, with its outcome; the counted ones at least. */
  readonly stages: readonly StageRecord[];
  readonly checks: readonly CheckRecord[];
  /** How many checks the drill has: fewer results are no pass. */
  readonly checksPlanned: number;
  /** The moment of the drill, for the age of the data. */
  readonly startedAt: Date;
  /** The drilled backup; undefined when none was chosen. */
  readonly takenAt: Date | undefined;
  /** The newest backup there, which recovery for real would take: data loss counts from it. undefined: the drilled one is all that is known. */
  readonly newestTakenAt: Date | undefined;
  /** As stored; undefined when no backup was chosen. */
  readonly sizeBytes: number | undefined;
  /** undefined when loading did not come to an end. */
  readonly load: Pick<LoadOutcome, 'errorCount' | 'errors' | 'ignoredCount'> | undefined;
  /** What ended the run early, or was wrong with it. */
  readonly error: DrillError | undefined;
}

export interface Judgement {
  /** undefined when nothing can be concluded about the backup: the harness broke, was interrupted, or did not look at everything. */
  readonly verdict: Verdict | undefined;
  /** One per reason, in the order of {@link REASONS}; empty unless failed. */
  readonly reasons: readonly ReasonRecord[];
  readonly warnings: readonly string[];
  /** Wall-clock time from the start of `locate` to the end of `verify` less stages that do not count, which is the sum of those that do: stages tile. undefined when one of them is missing or did not come to its end. */
  readonly recoveryTimeMs: number | undefined;
  /** Age of the newest backup at the moment of the drill, never below 0; undefined without a backup. */
  readonly dataLossMs: number | undefined;
  /** The verdict line. */
  readonly sentence: string;
}

/** What the facts of a run add up to, before it is put in words. */
export interface Findings {
  readonly recoveryTimeMs: number | undefined;
  readonly dataLossMs: number | undefined;
}
