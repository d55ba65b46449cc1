import type { LoadOutcome, Replayed } from '../engines/engine.ts';
import type { Plan } from '../plan/plan.ts';
import type { CheckRecord } from '../record/check-record.ts';
import type {
  BackupRecord,
  IdentityRecord,
  ProofRecord,
  ProtectionRecord,
  ReadingRecord,
  RunRecord,
  SandboxRecord,
  StageRecord,
} from '../record/run-record.ts';
import type { RunEnding, StageName } from '../support/vocabulary.ts';
import type { KeptSandbox, Prediction, Progress, RunActivity, RunEvent } from './contract.ts';

/** The state of a run so far, derived from its facts. The record of a failed run has what was known by then. */
export interface RunState {
  /** Undefined until the run is in the store. */
  readonly started: StartedRun | undefined;
  /** Stages that have ended, including skipped ones. */
  readonly stages: readonly EndedStage[];
  readonly stage: { readonly name: StageName; readonly startedAt: Date } | undefined;
  readonly identity: IdentityRecord | undefined;
  readonly source: string | undefined;
  readonly backup: BackupRecord | undefined;
  readonly reading: ReadingRecord | undefined;
  readonly protection: ProtectionRecord | undefined;
  readonly proof: ProofRecord | undefined;
  readonly plan: Plan | undefined;
  readonly sandbox: SandboxRecord | undefined;
  /** Progress of the current stage. */
  readonly progress: Progress | undefined;
  /** Activity of the current stage, or of work after the stages, and when it was reported. */
  readonly activity: (RunActivity & { readonly at: Date }) | undefined;
  /** When recovery will be complete; undefined before recovery starts and after it ends. */
  readonly prediction: Prediction | undefined;
  readonly load: LoadOutcome | undefined;
  /** How the replay of a log ended, or how far it got; undefined: no log was replayed. */
  readonly replayed: Replayed | undefined;
  readonly checks: readonly CheckRecord[];
  readonly warnings: readonly string[];
  /** What ended the run early; undefined: its stages completed, or one of them failed. */
  readonly cutShort: { readonly by: RunEnding; readonly user: string | undefined } | undefined;
  /** Present while the sandbox is up after the run. */
  readonly kept: KeptSandbox | undefined;
  readonly ended: EndedRun | undefined;
}

export interface StartedRun {
  readonly runId: string;
  readonly drill: string;
  readonly drillFile: string;
  readonly startedAt: Date;
  readonly rtoMs: number;
}

/** The run as recorded, and its verdict in a sentence. */
export interface EndedRun {
  readonly run: RunRecord;
  readonly sentence: string;
}

export interface EndedStage extends StageRecord {
  readonly summary: string | undefined;
}

/** The state before the first fact. */
export const NEW_RUN: RunState = {
  started: undefined,
  stages: [],
  stage: undefined,
  identity: undefined,
  source: undefined,
  backup: undefined,
  reading: undefined,
  protection: undefined,
  proof: undefined,
  plan: undefined,
  sandbox: undefined,
  progress: undefined,
  activity: undefined,
  prediction: undefined,
  load: undefined,
  replayed: undefined,
  checks: [],
  warnings: [],
  cutShort: undefined,
  kept: undefined,
  ended: undefined,
};

/** The stages that have ended, as shown in the record and on the live page. */
export function stagesOf({ stages }: Pick<RunState, 'stages'>): readonly StageRecord[] {
  return stages.map(({ summary: _, ...stage }) => stage);
}

/** The only interpretation of a run's facts: its record, the live page and the printers all use it. Pure. */
export function reduce(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'run-started': {
      const { runId, drill, drillFile, rtoMs, at } = event;
      return { ...NEW_RUN, started: { runId, drill, drillFile, rtoMs, startedAt: at } };
    }
    case 'stage-started':
      return { ...state, stage: { name: event.stage, startedAt: event.startedAt }, ...IDLE };
    case 'stage-ended': {
      const { stage: name, startedAt, durationMs, outcome, phases, summary } = event;
      const ended = { name, startedAt, durationMs, outcome, phases, summary };
      return { ...state, stages: [...state.stages, ended], stage: undefined, ...IDLE };
    }
    case 'identity-chosen':
      return { ...state, identity: { name: event.identity, keys: [], principal: undefined } };
    case 'principal-known':
      return withIdentity(state, { principal: event.principal });
    case 'key-used':
      return withIdentity(state, { keys: [...new Set([...(state.identity?.keys ?? []), event.fingerprint])] });
    case 'source-opened':
      return { ...state, source: event.source };
    case 'backup-chosen':
      return { ...state, backup: { source: state.source ?? '', ...event.backup, ...NEW_BACKUP } };
    case 'backup-read':
      return { ...state, backup: state.backup && { ...state.backup, ...event.facts } };
    case 'reading-planned':
      return { ...state, reading: { planned: event.reading, actual: undefined } };
    case 'reading-counted':
      return { ...state, reading: state.reading && { ...state.reading, actual: event.reading } };
    case 'access-chosen':
      return { ...state, reading: state.reading && { ...state.reading, access: event.how } };
    case 'checksums-matched':
      return { ...state, reading: state.reading && { ...state.reading, checksums: event.matched } };
    case 'reading-held':
      return { ...state, reading: state.reading && { ...state.reading, held: event.held } };
    case 'proof-reading-counted':
      return { ...state, reading: state.reading && { ...state.reading, proof: event.reading } };
    case 'proven':
      return { ...state, proof: event.proof };
    case 'protection-found':
      return { ...state, protection: event.protection };
    case 'planned':
      return { ...state, plan: event.plan };
    case 'sandbox-started': {
      const { id: _, ...sandbox } = event.sandbox;
      return { ...state, sandbox: { ...sandbox, ...NEW_SANDBOX } };
    }
    case 'server-started':
      return withSandbox(state, { serverVersion: event.version });
    case 'progress':
      return { ...state, progress: event.progress };
    case 'activity': {
      const { doing, share, leftMs, at } = event;
      return { ...state, activity: { doing, share, leftMs, at } };
    }
    case 'replaying':
      return { ...state, replayed: event.soFar };
    case 'predicted':
      return { ...state, prediction: event.prediction };
    case 'restored':
      return { ...state, load: event.load, replayed: event.load.replayed };
    case 'check':
      return { ...state, checks: [...state.checks, event.check] };
    case 'warning':
      return { ...state, warnings: [...state.warnings, event.message] };
    case 'data-measured':
      return withSandbox(state, { dataBytes: event.dataBytes });
    case 'sandbox-removed':
      return withSandbox(state, { removed: true });
    case 'keep-decided':
      return withSandbox(state, { kept: true });
    case 'cut-short':
      return { ...state, cutShort: { by: event.by, user: event.user } };
    case 'kept': {
      const { until, shellCommand, clientCommand } = event;
      return { ...state, kept: { until, shellCommand, clientCommand } };
    }
    case 'run-ended':
      return { ...state, ended: { run: event.run, sentence: event.sentence } };
    case 'restore-error':
    case 'log':
      return state;
  }
}

const IDLE = { progress: undefined, activity: undefined };
const NEW_BACKUP = { format: undefined, serverVersion: undefined, dumpedBy: undefined };
const NEW_SANDBOX = { serverVersion: undefined, removed: false, kept: false, dataBytes: undefined };

function withIdentity(state: RunState, change: Partial<IdentityRecord>): RunState {
  return { ...state, identity: state.identity && { ...state.identity, ...change } };
}

function withSandbox(state: RunState, change: Partial<SandboxRecord>): RunState {
  return { ...state, sandbox: state.sandbox && { ...state.sandbox, ...change } };
}
