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

/** What a run has found out so far, filled in as it goes: on failure the record keeps it. */
export interface RunState {
  source?: BackupSource;
  backup?: Backup;
  /** Of the opened backup. */
  meter?: TransferMeter;
  choice?: Choice;
  facts?: BackupFacts;
  image?: { readonly name: string; readonly id: string };
  /** Being started; teardown waits for it, so that a box that comes up late is removed too. */
  starting?: Promise<Sandbox>;
  sandbox?: Sandbox;
  server?: Server;
  load?: LoadOutcome;
  progress?: Progress;
  /** Measured by teardown: what the restored data took on disk; undefined: not, or not to be had. */
  dataBytes?: number | undefined;
  /** Set by teardown when it saw everything gone. */
  removed?: boolean;
}

/** A claimed run: it is in the store, has a lease, and ends by its deadline. */
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
  /** When a sandbox that is started now may be removed by anybody. */
  sandboxLeaseExpiresAt(): Date;
  emit(event: RunEventBody): void;
  warn(message: string): void;
  readonly checked: (check: CheckRecord) => void;
  /** Closes it when the run is over, last first; at once when it is over already. */
  defer<T extends { close(): void }>(resource: T): T;
  /** The chosen backup. Throws before it was chosen: a defect. */
  backup(): Backup;
  abort(error: DrillError): void;
  /** Ends timers and closes what was deferred. */
  end(): void;
}
