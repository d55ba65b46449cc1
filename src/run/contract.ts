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
  /** The due time to claim together with a scheduled run; undefined for a manual one. */
  readonly due: DueClaim | undefined;
  /** For the runs of all machines together: a manual run is not claimed while one of them is reached. Default: none; those of a due run are in `due`. */
  readonly limits?: readonly RunLimit[] | undefined;
  readonly runtime: string | undefined;
  /** Where its sandbox has been placed, of several container engines; undefined: on the one with the most room when it starts. */
  readonly containerEngine?: string | undefined;
  /** With whose keys and credentials the backup is read; undefined: as the drill says. */
  readonly as?: IdentityName | undefined;
  readonly keep: KeepRequest;
  /** What the drill is tried on once its checks have passed. */
  readonly prove?: ProveRequest | undefined;
  /** Called once the checks have passed, while the restored copy is up. What it throws ends the run. */
  readonly onPassed?: (copy: RestoredCopy) => Promise<void>;
  /**
   * Makes the drill's checks from the restored copy, before they are run: for a drill that is being written. The run is judged by what it returns, and
   * recorded with it.
   */
  readonly completeDrill?: (copy: RestoredCopy) => Promise<Drill>;
  readonly emit: EmitRunEvent;
  /** Aborted to cancel the run (Ctrl-C): it ends as `interrupted`, and is still torn down. */
  readonly interrupt: AbortSignal;
}

/** What a proof tries. */
export interface ProveRequest {
  readonly kinds: ReadonlySet<DamageName>;
  /** Of the places in the backup; undefined: the run's id. */
  readonly seed: string | undefined;
  /** How many places are cut, and how many bits flipped. */
  readonly places: number;
  /** How long damage to what is read may take together; undefined: any time. */
  readonly limitMs: number | undefined;
  /** Whether the kinds were chosen by a user, so that the result is not the drill's proof. */
  readonly isPartial: boolean;
}

/** A restored copy. */
export interface RestoredCopy {
  readonly server: Server;
  /** The database that checks connect to unless they name one. */
  readonly database: string;
  readonly takenAt: Date;
  /** Whether the data files are those of the backup. */
  readonly isPhysical: boolean;
  /** Of the sandbox. */
  readonly cpus: number;
  readonly signal: AbortSignal;
}

/** The reason of {@link DrillRequest.interrupt} when a user cancels one run, not the whole process. */
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
  /** How long to keep it; undefined: not at all. May change during the run. */
  ms: number | undefined;
  /** Upper limit of `ms`; the sandbox's lease covers it from the start. */
  readonly limitMs: number;
}

/** Everything with side effects that a drill uses, injected. */
export interface DrillServices {
  readonly clock: Clock;
  readonly store: Store;
  /** @param onRequest gets each request to the store once it has ended. */
  readonly openSource: (spec: BackupSpec['source'], onRequest?: OnStoreRequest) => Promise<BackupSource>;
  /** Gets requests to a store that belong to no source, such as a list of its buckets; undefined: they are not recorded. */
  readonly onStoreRequest?: OnStoreRequest;
  /** The keys that a drill names in `backup.keys`; not read yet. */
  readonly keysOf: (drill: Pick<Drill, 'backup' | 'file'>, request: KeyRequest) => KeyRing;
  readonly engineOf: (type: EngineSpec['type']) => Promise<Engine>;
  /**
   * Throws when the named runtime cannot create a sandbox. Without a name, chooses the default one that can.
   * @param need decides between several container engines; undefined: the one with the most room.
   */
  readonly chooseRuntime: (
    name: string | undefined,
    signal: AbortSignal,
    need?: SandboxNeed,
  ) => Promise<SandboxRuntime>;
  /** This installation's image names, which replace public ones. */
  readonly images: Readonly<Record<string, string>>;
  /** What reading costs, by source. */
  readonly prices: readonly Price[];
  /** What holds for the runs of all machines together. */
  readonly limits: FleetLimits;
  /** The valid drills, this one among them; undefined: not known. A proof takes another one's backup. */
  readonly drills?: () => Promise<readonly Drill[]>;
  readonly describeDefinition: (drill: Drill) => string;
  readonly redact: (text: string) => string;
  readonly version: string;
  /** Delays before each retry of a record that could not be written, in milliseconds. */
  readonly recordRetryDelaysMs: readonly number[];
}

export interface KeyRequest {
  /** Ends commands that print keys. */
  readonly signal: AbortSignal;
  /** Called with the fingerprint of each key that opens a backup, repeatedly for the same one. */
  readonly onUse?: (fingerprint: string) => void;
}

/** A run was not started: another process started it, a run of the same drill is in progress, or there is no room. Nothing was stored. */
export class RunNotClaimed extends Error {
  override readonly name = 'RunNotClaimed';
  readonly outcome: Exclude<ClaimOutcome, { kind: 'claimed' }>;

  constructor(drill: string, outcome: Exclude<ClaimOutcome, { kind: 'claimed' }>) {
    super(`the run of ${drill} was not claimed: ${outcome.kind}`);
    this.outcome = outcome;
  }
}

/** Progress of the current stage. */
export interface Progress {
  /** The current activity: `loading customer`. */
  readonly doing: string;
  /** The current step. */
  readonly phase: PhaseName;
  /** The steps that `ratio` is about. */
  readonly covers: readonly PhaseName[];
  /** Whether the bytes are those that this step works through, and not those of the stored backup. Default: no. */
  readonly isOfStep?: boolean;
  readonly bytesRead: number;
  /** 0: not known. */
  readonly totalBytes: number;
  /** Rate over the last seconds; undefined while unknown. */
  readonly bytesPerSecond: number | undefined;
  /** 0 to 1: how much of the work of these steps is done; undefined while unknown. */
  readonly ratio: number | undefined;
  /** Whether nothing has arrived and nothing was done for some seconds, although there is more to read. */
  readonly isStalled: boolean;
}

/** When recovery will be complete, as far as can be told. Times are recovery time, from its start. */
export interface Prediction {
  /** Recovery time so far. */
  readonly elapsedMs: number;
  readonly rtoMs: number;
  /** Undefined while there is nothing to tell it from. */
  readonly finish: PredictedFinish | undefined;
  /** What it is based on, or why there is none: `from 5 earlier runs, this one 12 % slower`. */
  readonly why: string;
}

export interface PredictedFinish {
  readonly likelyMs: number;
  /** Four of five runs end between these two. */
  readonly lowMs: number;
  readonly highMs: number;
}

/**
 * What happened in a run: all that its record, the live page and the printers know of it. Facts carry data, never handles, and state
 * what was decided (`kept`), so that nobody has to infer it.
 */
export type RunFact =
  | {
      readonly type: 'run-started';
      readonly deadlineMs: number;
      readonly rtoMs: number;
      /** The stages that are included in the RTO. */
      readonly counts: readonly StageName[];
      readonly drillFile: string;
    }
  | { readonly type: 'stage-started'; readonly stage: StageName; readonly startedAt: Date }
  | { readonly type: 'identity-chosen'; readonly identity: IdentityName }
  | { readonly type: 'source-opened'; readonly source: string }
  /** Who the store is read as, in its words. */
  | { readonly type: 'principal-known'; readonly principal: string }
  /** A key opened the backup, or a part of it; told again for each part. */
  | { readonly type: 'key-used'; readonly fingerprint: string }
  | { readonly type: 'backup-chosen'; readonly backup: ChosenBackup }
  /** The backup's header was read. */
  | { readonly type: 'backup-read'; readonly facts: Pick<BackupFacts, 'format' | 'serverVersion' | 'dumpedBy'> }
  /** What will be read, before anything is. */
  | { readonly type: 'reading-planned'; readonly reading: Reading }
  | { readonly type: 'reading-counted'; readonly reading: Reading }
  /** It waited for a limit of its source. */
  | { readonly type: 'reading-held'; readonly held: HeldReading }
  /** How a repository gets to its tool in the sandbox. */
  | { readonly type: 'access-chosen'; readonly how: string }
  /** What a proof read beside the run. */
  | { readonly type: 'proof-reading-counted'; readonly reading: Reading }
  /** The store was asked how it protects the backup. */
  /** The drill's checks were tried on damage to the restored copy. */
  | { readonly type: 'proven'; readonly proof: ProofRecord }
  | { readonly type: 'protection-found'; readonly protection: ProtectionRecord }
  | { readonly type: 'planned'; readonly plan: Plan }
  | { readonly type: 'sandbox-started'; readonly sandbox: StartedSandbox }
  | { readonly type: 'server-started'; readonly version: string }
  | { readonly type: 'progress'; readonly stage: StageName; readonly progress: Progress }
  /** Work that has no bytes to count: a listing, a proof. Not kept with the run. */
  | ({ readonly type: 'activity' } & RunActivity)
  /** Once a second, and when a stage ends. */
  | { readonly type: 'predicted'; readonly prediction: Prediction }
  /** A statement of the restore failed. */
  | { readonly type: 'restore-error'; readonly message: string }
  /** What is known of the log that is replayed, before that has ended. */
  | { readonly type: 'replaying'; readonly soFar: Replayed }
  /** The data is loaded and durable. */
  | { readonly type: 'restored'; readonly load: LoadOutcome }
  | { readonly type: 'check'; readonly check: CheckRecord }
  /** Kept with the run, to be shown beside its verdict. */
  | { readonly type: 'warning'; readonly message: string }
  /** For whoever watches; not kept with the run. */
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  | { readonly type: 'data-measured'; readonly dataBytes: number | undefined }
  /** Teardown has confirmed that everything is gone. */
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
  /** Something other than its stages ended the run early. */
  | { readonly type: 'cut-short'; readonly by: Exclude<RunEnding, 'itself'>; readonly user: string | undefined }
  /** It was decided, before the run was recorded, that its sandbox stays up for inspection. */
  | { readonly type: 'keep-decided'; readonly keepMs: number }
  | { readonly type: 'run-ended'; readonly run: RunRecord; readonly sentence: string }
  /** The sandbox stays up after the run, see `--keep`. */
  | ({ readonly type: 'kept' } & KeptSandbox);

export interface RunActivity {
  /** `listing: 12,000 files` */
  readonly doing: string;
  /** Of the work that is done, 0 to 1; undefined: not known. */
  readonly share: number | undefined;
  /** How long the rest is expected to take; undefined: not known. */
  readonly leftMs: number | undefined;
}

/** Until when a sandbox is kept, and the commands that lead into it. */
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

/** A fact with its run and instant, as everybody who follows a run gets it. */
export type RunEvent = { readonly runId: string; readonly drill: string; readonly at: Date } & RunFact;

export type EmitRunEvent = (event: RunEvent) => void;

/** All that a stage gets besides its input. A stage is `(input, ctx) => Promise<output>`. */
export interface StageContext {
  /** Aborts with a DrillError when the run is to end. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Does nothing once the stage is over: work that was given up has no more say in the run. */
  readonly emit: (fact: RunFact) => void;
  readonly phases: Phases;
}
