import type { TransferMeter } from '../backup/content.ts';
import type { Drill } from '../config/drill-file.ts';
import type { Server } from '../engines/engine.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { Baseline } from '../record/store.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Owner } from '../support/owner.ts';
import type { RunFact } from './contract.ts';
import type { Deadline } from './deadline.ts';
import type { OpenResources } from './open-resources.ts';
import type { ReadingProof } from './prove/reading-proof.ts';
import type { ReadingPace } from './reading-pace.ts';
import type { RunFacts } from './run-facts.ts';
import type { RunLog } from './run-log.ts';
import type { StageRunner } from './stage-runner.ts';

/** A claimed run: recorded in the store, with a lease and a deadline. Disposing of it stops its timers and closes what it opened. */
export interface ClaimedRun extends Disposable {
  readonly claimed: RunRecord;
  readonly owner: Owner;
  readonly baseline: Baseline | undefined;
  readonly facts: RunFacts;
  readonly log: RunLog;
  readonly stages: StageRunner;
  readonly handles: RunHandles;
  /** Closed, in reverse order, when the run is over. */
  readonly resources: OpenResources;
  /** Aborts at the deadline, on interruption, and when the sandbox disappears; the reason is a DrillError. */
  readonly signal: AbortSignal;
  readonly deadline: Deadline;
  /** When the lease of a sandbox started now expires; after that, any process may remove it. */
  sandboxLeaseExpiresAt(): Date;
  /** Registers a sandbox as soon as it begins to start, so that teardown finds it even if it comes up late. */
  holdSandbox(starting: Promise<Sandbox>): void;
}

/** Counters for what is read from one source. */
export interface SourceReads {
  /** The source's description, used to look up prices. */
  readonly source: string;
  /** Counts everything except the opened backup, which has {@link RunHandles.meter}. */
  readonly meter: TransferMeter;
  /** Number of requests sent; undefined if the source does not count them. */
  readonly requestCount: () => number | undefined;
}

/** Live objects of a run, as opposed to its facts. */
export interface RunHandles {
  /** What is read from each source: from the backup's, everything except the opened backup; and from the log archive's. */
  readonly reads: SourceReads[];
  /** Resolves when the store has been asked how it protects the backup; never rejects. */
  protection?: Promise<void>;
  /** Records the requests to stores that are not recorded yet. @returns why that failed, if it did. */
  saveRequests?: () => Promise<string | undefined>;
  /** Read rate limit across its sources; undefined: none of them has a limit. */
  pace?: ReadingPace;
  /** Meter of the opened backup. */
  meter?: TransferMeter;
  /** The sandbox that is starting; teardown waits for it. */
  starting?: Promise<Sandbox>;
  sandbox?: Sandbox;
  server?: Server;
  /** What a proof needs once the sandbox is gone; undefined: no proof follows. */
  proving?: ReadingProof | undefined;
  /** Whether the run ended during a proof, after every check had passed. */
  isVerdictKnown?: boolean;
  /** The drill, if it was completed during the run. */
  completed?: Drill | undefined;
  /** Set when something other than a stage, or than the sandbox disappearing, has aborted the run's signal. */
  cutShort?: CutShort;
}

export type CutShort = Pick<Extract<RunFact, { type: 'cut-short' }>, 'by' | 'user'>;
