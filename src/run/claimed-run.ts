import type { TransferMeter } from '../backup/content.ts';
import type { Backup, BackupSource } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import type { BackupFacts, LoadOutcome, Server } from '../engines/engine.ts';
import type { CheckRecord, RunRecord } from '../record/run-record.ts';
import type { Baseline } from '../record/store.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { DrillError } from '../support/errors.ts';
import type { Owner } from '../support/owner.ts';
import type { Progress, RunEventBody } from './contract.ts';
import type { Deadline } from './deadline.ts';
import type { Choice } from './locate.ts';
import type { RunLog } from './run-log.ts';
import type { StageRunner } from './stage-runner.ts';

/** A run's findings so far, filled in as it proceeds; a failed run's record keeps them. */
export interface RunState {
  source?: BackupSource;
  backup?: Backup;
  /** Meter of the opened backup. */
  meter?: TransferMeter;
  choice?: Choice;
  facts?: BackupFacts;
  image?: { readonly name: string; readonly id: string };
  /** Sandbox being started; teardown waits for it, so that one that comes up late is removed too. */
  starting?: Promise<Sandbox>;
  sandbox?: Sandbox;
  server?: Server;
  load?: LoadOutcome;
  progress?: Progress;
  /** Disk space used by the restored data, measured by teardown; undefined when not measured or not available. */
  dataBytes?: number | undefined;
  /** Set by teardown once it has confirmed that everything is gone. */
  removed?: boolean;
}

/** A claimed run: recorded in the store, with a lease and a deadline. */
export interface Run {
  readonly claimed: RunRecord;
  readonly drill: Drill;
  readonly owner: Owner;
  readonly stages: StageRunner;
  readonly log: RunLog;
  readonly state: RunState;
  readonly checks: CheckRecord[];
  readonly warnings: string[];
  readonly baseline: Baseline | undefined;
  /** Aborts at the deadline, on interruption, and when the sandbox is gone; its reason is a DrillError. */
  readonly signal: AbortSignal;
  readonly deadline: Deadline;
  /** When any process may remove a sandbox that is started now. */
  sandboxLeaseExpiresAt(): Date;
  emit(event: RunEventBody): void;
  warn(message: string): void;
  readonly checked: (check: CheckRecord) => void;
  /** Closes the resource when the run is over, in reverse order; immediately if the run is over already. */
  defer<T extends { close(): void }>(resource: T): T;
  /** The chosen backup. Throws if none has been chosen yet, which is a bug. */
  backup(): Backup;
  abort(error: DrillError): void;
  /** Stops timers and closes deferred resources. */
  end(): void;
}
