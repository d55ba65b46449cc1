import type { KeyRing } from '../backup/layer.ts';
import type { BackupSource } from '../backup/source.ts';
import type { BackupSpec, Drill, EngineSpec } from '../config/drill-file.ts';
import type { LoadOutcome, Replayed, Server } from '../engines/engine.ts';
import type { Engine } from '../engines/engine-descriptor.ts';
import type { BackupFacts, Phases } from '../engines/format.ts';
import type { Plan } from '../plan/plan.ts';
import type { CheckRecord } from '../record/check-record.ts';
import type { FleetLimits, RunLimit } from '../record/run-limits.ts';
import type {
  BackupRecord,
  PhaseRecord,
  ProofRecord,
  ProtectionRecord,
  RunRecord,
  SandboxRecord,
  StageOutcome,
  Trigger,
} from '../record/run-record.ts';
import type { ClaimOutcome, DueClaim } from '../record/schedule-store.ts';
import type { Store } from '../record/store.ts';
import type { SandboxNeed, SandboxRuntime } from '../sandbox/sandbox.ts';
import type { Clock } from '../support/clock.ts';
import { DrillError } from '../support/errors.ts';
import type { HeldReading, Price, Reading } from '../support/reading.ts';
import type { OnStoreRequest } from '../support/store-request.ts';
import type { DamageName, IdentityName, PhaseName, RunEnding, StageName } from '../support/vocabulary.ts';

/** A request to run one drill now. */
export interface DrillRequest {
  readonly drill: Drill;
  /** Who or what triggered the run: `by hand (alice)`, `schedule`. */
  readonly triggeredBy: string;
  readonly trigger: Trigger;
  /** The due time that a scheduled run claims as it starts; undefined for a manual run. */
  readonly due: DueClaim | undefined;
  /**
   * Limits on the runs of all machines together: a manual run is not claimed when one of them is reached. Default: none; the limits of a due run are in `due`.
   */
  readonly limits?: readonly RunLimit[] | undefined;
  readonly runtime: string | undefined;
  /** The container engine chosen for its sandbox, if there are several; undefined: the one with the most room when it starts. */
  readonly containerEngine?: string | undefined;
  /** Whose keys and credentials to read the backup with; undefined: as the drill says. */
  readonly as?: IdentityName | undefined;
  readonly keep: KeepRequest;
  /** What to try the drill on once its checks have passed. */
  readonly prove?: ProveRequest | undefined;
  /** Called once the checks have passed, while the restored copy is still up. An error that it throws ends the run. */
  readonly onPassed?: (copy: RestoredCopy) => Promise<void>;
  /**
   * Generates the drill's checks from the restored copy before they run, for a drill that is being written. The run is judged by the returned drill, and
   * recorded with it.
   */
  readonly completeDrill?: (copy: RestoredCopy) => Promise<Drill>;
  readonly emit: EmitRunEvent;
  /** Aborted to cancel the run (Ctrl-C): it ends as `interrupted`, and is still torn down. */
  readonly interrupt: AbortSignal;
}

/** What a proof should try. */
export interface ProveRequest {
  readonly kinds: ReadonlySet<DamageName>;
  /** Seed for choosing the places in the backup; undefined: the run's id. */
  readonly seed: string | undefined;
  /** How many places to truncate at, and how many bits to flip. */
  readonly places: number;
  /** Total time for trials that damage what is read, in milliseconds; undefined: no limit. */
  readonly limitMs: number | undefined;
  /** Whether a user chose the kinds, so that the result does not count as the drill's proof. */
  readonly isPartial: boolean;
}

/** A restored copy. */
export interface RestoredCopy {
  readonly server: Server;
  /** The database that checks connect to unless they name one. */
  readonly database: string;
  readonly takenAt: Date;
  /** Whether the data files come from the backup itself (a physical backup). */
  readonly isPhysical: boolean;
  /** CPUs of the sandbox. */
  readonly cpus: number;
  readonly signal: AbortSignal;
}

/** The reason that {@link DrillRequest.interrupt} aborts with when a user cancels one run, not the whole process. */
export class CanceledByUser extends DrillError {
  /** `bob (web)`. */
  readonly user: string;

  constructor(user: string, hint: string) {
    super('stopped', `canceled by ${user}`, { hint });
    this.user = user;
  }
}

/** Whether the sandbox stays up for inspection after the run; read once the run has been recorded. */
export interface KeepRequest {
  /** How long to keep it, in milliseconds; undefined: not at all. May change during the run. */
  ms: number | undefined;
  /** Upper limit of `ms`; the sandbox's lease covers it from the start. */
  readonly limitMs: number;
}

/** Everything with side effects that a drill uses, injected. */
export interface DrillServices {
  readonly clock: Clock;
  readonly store: Store;
  /** @param onRequest receives each request to the store once it has ended. */
  readonly openSource: (spec: BackupSpec['source'], onRequest?: OnStoreRequest) => Promise<BackupSource>;
  /** Receives requests to a store that belong to no source, such as listing its buckets; undefined: they are not recorded. */
  readonly onStoreRequest?: OnStoreRequest;
  /** The keys that a drill names in `backup.keys`; not read yet. */
  readonly keysOf: (drill: Pick<Drill, 'backup' | 'file'>, request: KeyRequest) => KeyRing;
  readonly engineOf: (type: EngineSpec['type']) => Promise<Engine>;
  /**
   * Chooses the runtime. Throws when the named one cannot create a sandbox; without a name, chooses the default one that can.
   * @param need used to choose between several container engines; undefined: the one with the most room.
   */
  readonly chooseRuntime: (
    name: string | undefined,
    signal: AbortSignal,
    need?: SandboxNeed,
  ) => Promise<SandboxRuntime>;
  /** This installation's image names, which replace public ones. */
  readonly images: Readonly<Record<string, string>>;
  /** Read prices, by source. */
  readonly prices: readonly Price[];
  /** Limits that apply to the runs of all machines together. */
  readonly limits: FleetLimits;
  /** All valid drills, including this one; undefined: not known. A proof uses another drill's backup. */
  readonly drills?: () => Promise<readonly Drill[]>;
  readonly describeDefinition: (drill: Drill) => string;
  readonly redact: (text: string) => string;
  readonly version: string;
  /** Delays before each retry of a record that could not be written, in milliseconds. */
  readonly recordRetryDelaysMs: readonly number[];
}

export interface KeyRequest {
  /** Aborts the commands that print keys. */
  readonly signal: AbortSignal;
  /** Called with the fingerprint of each key that opens a backup; may be called more than once for the same key. */
  readonly onUse?: (fingerprint: string) => void;
}

/** A run was not started: another process started it, a run of the same drill is in progress, or there is no capacity. Nothing was stored. */
export class RunNotClaimed extends Error {
  override readonly name = 'RunNotClaimed';
  readonly outcome: Exclude<ClaimOutcome, { kind: 'claimed' }>;

  constructor(drill: string, outcome: Exclude<ClaimOutcome, { kind: 'claimed' }>) {
    super(`the run of ${drill} was not claimed: ${outcome.kind}`);
    this.outcome = outcome;
  }
}

/** Progress within the current stage. */
export interface Progress {
  /** The current activity: `loading customer`. */
  readonly doing: string;
  /** The current step. */
  readonly phase: PhaseName;
  /** The steps that `ratio` covers. */
  readonly covers: readonly PhaseName[];
  /** Whether the byte counts are for what this step processes, not for the stored backup. Default: no. */
  readonly isOfStep?: boolean;
  readonly bytesRead: number;
  /** 0: not known. */
  readonly totalBytes: number;
  /** Rate over the last few seconds; undefined while unknown. */
  readonly bytesPerSecond: number | undefined;
  /** Share of these steps' work that is done, 0 to 1; undefined while unknown. */
  readonly ratio: number | undefined;
  /** Whether nothing has arrived or been done for some seconds although there is more to read. */
  readonly isStalled: boolean;
}

/** Estimate of when recovery will be complete. Times are recovery time, measured from its start. */
export interface Prediction {
  /** Recovery time so far. */
  readonly elapsedMs: number;
  readonly rtoMs: number;
  /** Undefined while there is no data to predict from. */
  readonly finish: PredictedFinish | undefined;
  /** What the prediction is based on, or why there is none: `from 5 earlier runs, this one 12 % slower`. */
  readonly why: string;
}

export interface PredictedFinish {
  readonly likelyMs: number;
  /** Four out of five runs end between these two. */
  readonly lowMs: number;
  readonly highMs: number;
}

/**
 * What happened in a run: the record, the live page and the printers know nothing else about it. Facts carry data, never handles, and state decisions
 * explicitly (`kept`), so that nobody has to infer them.
 */
export type RunFact =
  | {
      readonly type: 'run-started';
      readonly deadlineMs: number;
      readonly rtoMs: number;
      /** The stages included in the RTO. */
      readonly counts: readonly StageName[];
      readonly drillFile: string;
    }
  | { readonly type: 'stage-started'; readonly stage: StageName; readonly startedAt: Date }
  | { readonly type: 'identity-chosen'; readonly identity: IdentityName }
  | { readonly type: 'source-opened'; readonly source: string }
  /** The identity that reads the store, as the store names it. */
  | { readonly type: 'principal-known'; readonly principal: string }
  /** A key opened the backup, or a part of it; emitted again for each part. */
  | { readonly type: 'key-used'; readonly fingerprint: string }
  | { readonly type: 'backup-chosen'; readonly backup: ChosenBackup }
  /** The backup's header was read. */
  | { readonly type: 'backup-read'; readonly facts: Pick<BackupFacts, 'format' | 'serverVersion' | 'dumpedBy'> }
  /** What will be read, emitted before any of it is. */
  | { readonly type: 'reading-planned'; readonly reading: Reading }
  | { readonly type: 'reading-counted'; readonly reading: Reading }
  /** Reads were throttled by a limit of the source. */
  | { readonly type: 'reading-held'; readonly held: HeldReading }
  /** How the tool in the sandbox accesses a repository. */
  | { readonly type: 'access-chosen'; readonly how: string }
  /** The backup matches checksums stored next to it: one text for each, such as `SHA-256 matches orders.sql.gz.sha256`. */
  | { readonly type: 'checksums-matched'; readonly matched: readonly string[] }
  /** What a proof read in addition to the run. */
  | { readonly type: 'proof-reading-counted'; readonly reading: Reading }
  /** The drill's checks were tried on damage to the restored copy. */
  | { readonly type: 'proven'; readonly proof: ProofRecord }
  | { readonly type: 'protection-found'; readonly protection: ProtectionRecord }
  | { readonly type: 'planned'; readonly plan: Plan }
  | { readonly type: 'sandbox-started'; readonly sandbox: StartedSandbox }
  | { readonly type: 'server-started'; readonly version: string }
  | { readonly type: 'progress'; readonly stage: StageName; readonly progress: Progress }
  /** Work that cannot be measured in bytes: a listing, a proof. Not stored with the run. */
  | ({ readonly type: 'activity' } & RunActivity)
  /** Emitted once a second, and when a stage ends. */
  | { readonly type: 'predicted'; readonly prediction: Prediction }
  /** A statement failed during the restore. */
  | { readonly type: 'restore-error'; readonly message: string }
  /** What is known about the log being replayed, before the replay has ended. */
  | { readonly type: 'replaying'; readonly soFar: Replayed }
  /** The data is loaded and durable. */
  | { readonly type: 'restored'; readonly load: LoadOutcome }
  | { readonly type: 'check'; readonly check: CheckRecord }
  /** Stored with the run, and shown next to its verdict. */
  | { readonly type: 'warning'; readonly message: string }
  /** For live viewers; not stored with the run. */
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  | { readonly type: 'data-measured'; readonly dataBytes: number | undefined }
  /** Teardown has confirmed that everything is removed. */
  | { readonly type: 'sandbox-removed' }
  | {
      readonly type: 'stage-ended';
      readonly stage: StageName;
      readonly startedAt: Date;
      readonly durationMs: number;
      readonly outcome: StageOutcome;
      readonly phases: readonly PhaseRecord[];
      /** Short result of the stage: `orders-2026-11-20.dump, 211 MB, taken 9 h ago`. */
      readonly summary: string | undefined;
    }
  /** The run was ended early by something other than its stages. */
  | { readonly type: 'cut-short'; readonly by: Exclude<RunEnding, 'itself'>; readonly user: string | undefined }
  /** The sandbox will stay up for inspection; decided before the run is recorded. */
  | { readonly type: 'keep-decided'; readonly keepMs: number }
  | { readonly type: 'run-ended'; readonly run: RunRecord; readonly sentence: string }
  /** The sandbox stays up after the run, see `--keep`. */
  | ({ readonly type: 'kept' } & KeptSandbox);

export interface RunActivity {
  /** `listing: 12,000 files` */
  readonly doing: string;
  /** Share of the work that is done, 0 to 1; undefined: not known. */
  readonly share: number | undefined;
  /** Expected remaining time, in milliseconds; undefined: not known. */
  readonly leftMs: number | undefined;
}

/** Until when a sandbox is kept, and the commands to connect to it. */
export interface KeptSandbox {
  readonly until: Date;
  readonly shellCommand: string;
  /** Empty when its server was never up. */
  readonly clientCommand: string;
}

export type ChosenBackup = Pick<BackupRecord, 'key' | 'sizeBytes' | 'takenAt' | 'etag' | 'selection' | 'newestTakenAt'>;

export type StartedSandbox = Pick<SandboxRecord, 'runtime' | 'containerEngine' | 'image' | 'imageId' | 'isolation'> & {
  readonly id: string;
};

/** A fact with its run and time, as all listeners of a run receive it. */
export type RunEvent = { readonly runId: string; readonly drill: string; readonly at: Date } & RunFact;

export type EmitRunEvent = (event: RunEvent) => void;

/** Everything that a stage gets besides its input. A stage is `(input, ctx) => Promise<output>`. */
export interface StageContext {
  /** Aborts with a DrillError when the run must end. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Does nothing once the stage is over, so that abandoned work can no longer affect the run. */
  readonly emit: (fact: RunFact) => void;
  readonly phases: Phases;
}
