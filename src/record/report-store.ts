import type { ErrorCode } from '../support/errors.ts';
import type { Reason, RuntimeName, StageName, TriggerKind } from '../support/vocabulary.ts';
import type { RunRecord } from './run-record.ts';

/** How a run ended: its verdict or, without one, its status. In the order in which stores number them. */
export const RUN_OUTCOMES = ['passed', 'failed', 'errored', 'interrupted'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** What of a run that has ended is counted, without its texts. Cheap to read by the hundred thousand. Instants are milliseconds since 1970. */
export interface RunFact {
  readonly runId: string;
  readonly drill: string;
  readonly startedMs: number;
  /** Never before `startedMs`, whatever a clock that was put back said. */
  readonly endedMs: number;
  readonly outcome: RunOutcome;
  /** In the order of `REASONS`, each once; empty unless failed. */
  readonly reasons: readonly Reason[];
  readonly errorCode: ErrorCode | undefined;
  readonly triggerKind: TriggerKind;
  readonly attempt: number;
  readonly context: FactContext;
  /** undefined: there was no sandbox. */
  readonly environment: FactEnvironment | undefined;
  readonly recoveryTimeMs: number | undefined;
  readonly dataLossMs: number | undefined;
  /** Of the backup as stored; undefined: none was chosen. */
  readonly sizeBytes: number | undefined;
  /** When the backup was taken. */
  readonly takenMs: number | undefined;
  /** undefined: the stage was not begun. */
  readonly stagesMs: Readonly<Record<StageName, number | undefined>>;
  readonly warnings: number;
  readonly checksPassed: number;
  readonly checksFailed: number;
  /** Whether teardown saw everything gone; undefined: there was no sandbox. */
  readonly sandboxRemoved: boolean | undefined;
}

/** Whose drill it was, and the objectives in force *then*. */
export interface FactContext {
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  readonly rtoMs: number;
  readonly rpoMs: number | undefined;
  readonly counts: readonly StageName[];
}

/** What a recovery time depends on besides the backup. Texts are empty where they are not known. */
export interface FactEnvironment {
  readonly runtime: RuntimeName;
  readonly image: string;
  readonly imageId: string;
  /** `a container`: of a container without a name of its own. */
  readonly host: string;
  readonly serverVersion: string;
}

/** Started at or after `fromMs` and before `toMs`. */
export interface FactRange {
  readonly drill: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Above 0 to 1: about that share of the runs, spread evenly, always the same ones. undefined: all of them. */
  readonly share?: number;
}

/** What a period's own runs do not tell: what was open when it began, and what came after it. undefined: there is no such run. */
export interface HistoryEdges {
  readonly firstRun: RunFact | undefined;
  /** The first of the failed runs since the last pass before the period. */
  readonly failingSince: RunFact | undefined;
  /** The first of the runs without a verdict since the last verdict before the period. */
  readonly brokenSince: RunFact | undefined;
  /** The newest run before the period's end, of any outcome, with a verdict, passed. */
  readonly lastRun: RunFact | undefined;
  readonly lastVerdict: RunFact | undefined;
  readonly lastPass: RunFact | undefined;
  /** The first run at or after the period's end with a verdict, passed. */
  readonly nextVerdict: RunFact | undefined;
  readonly nextPass: RunFact | undefined;
}

/** How a run ended, in words. */
export interface RunEnding {
  readonly runId: string;
  /** Of its reasons. */
  readonly sentences: readonly string[];
  readonly error: { readonly code: ErrorCode; readonly message: string } | undefined;
}

/**
 * History as reports and pages read it. Facts are written in the transaction that ends a run and never change. Every implementation MUST answer each method
 * in time that grows with what it returns, not with how much history there is.
 */
export interface ReportStore {
  /** The drills of which a run has ended, by name. */
  getFactDrills(): Promise<readonly string[]>;
  /** Oldest first. */
  findFacts(range: FactRange): Promise<readonly RunFact[]>;
  /** Of the runs in the range that have a verdict and a recovery time, oldest first. */
  findRecoveryTimes(range: FactRange): Promise<readonly number[]>;
  /** Whatever the range's share is. */
  getEdges(range: FactRange): Promise<HistoryEdges>;
  /** Newest first, started before `beforeMs` where it is given. */
  findNewestFacts(filter: {
    readonly drill: string;
    readonly beforeMs?: number;
    readonly limit: number;
  }): Promise<readonly RunFact[]>;
  /** The newest `perDrill` of every drill, by drill, oldest first. */
  findRecentFacts(perDrill: number): Promise<readonly RunFact[]>;
  /**
   * What was recorded after the cursor, in the order in which the runs ended, at most `limit`.
   * @param cursor as the last answer gave it; undefined: nothing is wanted but a cursor that stands for now.
   */
  findFactsSince(
    cursor: number | undefined,
    limit: number,
  ): Promise<{ readonly cursor: number; readonly facts: readonly RunFact[] }>;
  /** Of those that are there, in the order of the ids. */
  findEndings(runIds: readonly string[]): Promise<readonly RunEnding[]>;
  /** Whole runs, of those that are there, in the order of the ids. */
  getRuns(runIds: readonly string[]): Promise<readonly RunRecord[]>;
}
