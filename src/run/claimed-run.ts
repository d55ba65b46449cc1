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

/** A claimed run: recorded in the store, with a lease and a deadline. Disposing of it stops timers and closes what it opened. */
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
  /** Aborts at the deadline, on interruption, and when the sandbox is gone; its reason is a DrillError. */
  readonly signal: AbortSignal;
  readonly deadline: Deadline;
  /** When any process may remove a sandbox that is started now. */
  sandboxLeaseExpiresAt(): Date;
  /** Registers a sandbox as soon as its start is under way, so that teardown finds it even if it comes up late. */
  holdSandbox(starting: Promise<Sandbox>): void;
}

/** What is read of one source. */
export interface SourceReads {
  /** The source's description, by which prices are found. */
  readonly source: string;
  /** Of everything but the opened backup, whose own is {@link RunHandles.meter}. */
  readonly meter: TransferMeter;
  /** How many requests were sent, where the source counts them. */
  readonly requestCount: () => number | undefined;
}

/** What a run has in its hands, beside the facts. */
export interface RunHandles {
  /** Everything that is read of sources: of the backup's own, beside the opened backup, and of the log archive's. */
  readonly reads: SourceReads[];
  /** Resolves when the store has been asked how it protects the backup; never rejects. */
  protection?: Promise<void>;
  /** Writes the requests to stores that are not recorded yet. @returns why they could not be. */
  saveRequests?: () => Promise<string | undefined>;
  /** Of its sources that have a limit; undefined: none has. */
  pace?: ReadingPace;
  /** Of the opened backup. */
  meter?: TransferMeter;
  /** Teardown waits for it. */
  starting?: Promise<Sandbox>;
  sandbox?: Sandbox;
  server?: Server;
  /** What a proof needs once the sandbox is gone; undefined: there is none. */
  proving?: ReadingProof | undefined;
  /** Whether the run was ended after every check had passed, in a proof that followed. */
  isVerdictKnown?: boolean;
  /** The drill as it was completed during the run. */
  completed?: Drill | undefined;
  /** Set when anything but a stage, or the end of the sandbox, has aborted the run's signal. */
  cutShort?: CutShort;
}

export type CutShort = Pick<Extract<RunFact, { type: 'cut-short' }>, 'by' | 'user'>;
