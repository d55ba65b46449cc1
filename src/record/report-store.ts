import type { ErrorCode } from '../support/errors.ts';
import type { Reason, StageName, TriggerKind } from '../support/vocabulary.ts';
import type { RunRecord } from './run-record.ts';

/** How a run ended: its verdict or, without one, its status. The order matches the numbers in stores. */
export const RUN_OUTCOMES = ['passed', 'failed', 'errored', 'interrupted'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** The countable data of an ended run, without texts. Cheap to read by the hundred thousand. Instants are milliseconds since 1970. */
export interface RunFigures {
  readonly runId: string;
  readonly drill: string;
  readonly startedMs: number;
  /** Never before `startedMs`, even if the clock was set back. */
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
  /** Age of the newest file in the log archive when the run started; undefined: no archive, or not replayed. */
  readonly archiveLagMs: number | undefined;
  /** Stored size of the backup; undefined: none was chosen. */
  readonly sizeBytes: number | undefined;
  /** When the backup was taken. */
  readonly takenMs: number | undefined;
  /** undefined: the stage did not start. */
  readonly stagesMs: Readonly<Record<StageName, number | undefined>>;
  readonly warnings: number;
  readonly checksPassed: number;
  readonly checksFailed: number;
  /** Whether teardown confirmed the cleanup; undefined: there was no sandbox. */
  readonly sandboxRemoved: boolean | undefined;
  /** Whether it was kept on purpose, for inspection after the run. */
  readonly sandboxKept: boolean;
}

/** The drill's owner and objectives at the time of the run. */
export interface FactContext {
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  readonly rtoMs: number;
  readonly rpoMs: number | undefined;
  readonly counts: readonly StageName[];
}

/** Factors other than the backup that affect the recovery time. Unknown texts are empty. */
export interface FactEnvironment {
  readonly runtime: string;
  readonly image: string;
  readonly imageId: string;
  /** `a container` for a container without its own name. */
  readonly host: string;
  readonly serverVersion: string;
}

/** Started at or after `fromMs` and before `toMs`. */
export interface FactRange {
  readonly drill: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Above 0 and up to 1: samples about that fraction of the runs, evenly and deterministically. undefined: all. */
  readonly share?: number;
}

/** Context outside a period's own runs: the state when it began, and what came after it. undefined: no such run. */
export interface HistoryEdges {
  readonly firstRun: RunFigures | undefined;
  /** The first failed run since the last pass before the period. */
  readonly failingSince: RunFigures | undefined;
  /** The first run without a verdict since the last verdict before the period. */
  readonly brokenSince: RunFigures | undefined;
  /** The newest run before the period's end: of any outcome, with a verdict, and passed. */
  readonly lastRun: RunFigures | undefined;
  readonly lastVerdict: RunFigures | undefined;
  readonly lastPass: RunFigures | undefined;
  /** The first run at or after the period's end: with a verdict, and passed. */
  readonly nextVerdict: RunFigures | undefined;
  readonly nextPass: RunFigures | undefined;
}

/** The context of a period with no runs around it. */
export const NO_EDGES: HistoryEdges = {
  firstRun: undefined,
  failingSince: undefined,
  brokenSince: undefined,
  lastRun: undefined,
  lastVerdict: undefined,
  lastPass: undefined,
  nextVerdict: undefined,
  nextPass: undefined,
};

/** How a run ended, as text. */
export interface RunEnding {
  readonly runId: string;
  /** One per reason. */
  readonly sentences: readonly string[];
  readonly error: { readonly code: ErrorCode; readonly message: string } | undefined;
}

/** Counts over runs, each judged by the objectives in effect when it started. */
export interface RunTotals {
  readonly runs: number;
  /** Runs with a verdict: the denominator of `passed`, `withinRto` and `rightData`. */
  readonly judged: number;
  readonly passed: number;
  readonly withinRto: number;
  /** Runs with a verdict that had an RPO: the denominator of `withinRpo`. */
  readonly withRpo: number;
  readonly withinRpo: number;
  /** The backup existed, could be restored, and no check failed. */
  readonly rightData: number;
  /** From the newest run with a verdict; undefined: none. */
  readonly lastVerdict: 'passed' | 'failed' | undefined;
}

export const NO_TOTALS: RunTotals = {
  runs: 0,
  judged: 0,
  passed: 0,
  withinRto: 0,
  withRpo: 0,
  withinRpo: 0,
  rightData: 0,
  lastVerdict: undefined,
};

/** Failure reasons that mean that the correct data was not recovered. */
export const NO_DATA_REASONS: readonly Reason[] = ['missing-backup', 'unrestorable', 'wrong-data'];

declare const cursor: unique symbol;

/** A position in the facts of one store. Opaque: only the store that issued it can interpret it. */
export type FactCursor = string & { readonly [cursor]: never };

export interface FactsSince {
  readonly cursor: FactCursor;
  readonly facts: readonly RunFigures[];
}

/**
 * History for reports and pages. Facts are written in the transaction that ends a run, and never change. In every implementation, the time of each
 * method MUST grow with the size of its result, not with the size of the history.
 */
export interface ReportStore {
  /** Drills with at least one ended run, by name. */
  getFactDrills(): Promise<readonly string[]>;
  /** Oldest first. */
  findFacts(range: FactRange): Promise<readonly RunFigures[]>;
  /** Recovery times of the runs in the range that have both a verdict and a recovery time, oldest first. */
  findRecoveryTimes(range: FactRange): Promise<readonly number[]>;
  /** Counts the runs in the range. Ignores the range's share. */
  getTotals(range: FactRange): Promise<RunTotals>;
  /** Ignores the range's share. */
  getEdges(range: FactRange): Promise<HistoryEdges>;
  /** Newest first; if `beforeMs` is given, only runs started before it. */
  findNewestFacts(filter: {
    readonly drill: string;
    readonly beforeMs?: number;
    readonly limit: number;
  }): Promise<readonly RunFigures[]>;
  /** The newest `perDrill` of every drill, by drill, oldest first. */
  findRecentFacts(perDrill: number): Promise<readonly RunFigures[]>;
  /**
   * Facts recorded after the cursor, at most `limit`, in commit order: a reader that continues from each result's cursor MUST see every fact exactly once,
   * even if several processes end runs at the same time.
   * @param cursor from the previous result; undefined: returns only a cursor for the current position.
   */
  findFactsSince(cursor: FactCursor | undefined, limit: number): Promise<FactsSince>;
  /** In the order of the ids; missing runs are left out. */
  findEndings(runIds: readonly string[]): Promise<readonly RunEnding[]>;
  /** Complete runs, in the order of the ids; missing ones are left out. */
  getRuns(runIds: readonly string[]): Promise<readonly RunRecord[]>;
}
