import { setTimeout as wait } from 'node:timers/promises';
import type { Drill } from '../config/drill-file.ts';
import type { Replayed } from '../engines/engine.ts';
import { judge } from '../judge/judge.ts';
import type { Judgement } from '../judge/judgement.ts';
import { statusOf } from '../judge/outcome.ts';
import { describeOutcome } from '../record/history-view.ts';
import { isRetryable } from '../record/retryable.ts';
import type { ErrorRecord, ReplayRecord, RunRecord } from '../record/run-record.ts';
import { RunEndedError } from '../record/store.ts';
import { asDrillError, type DrillError, formatError } from '../support/errors.ts';
import { explainUnproven } from './check-protection.ts';
import type { DrillServices, RunFact } from './contract.ts';
import type { RunFacts } from './run-facts.ts';
import type { RunLog } from './run-log.ts';
import { type RunState, stagesOf } from './run-state.ts';
import { sizeChecksPlanned } from './watch-size.ts';

export interface ConcludeInput {
  readonly claimed: RunRecord;
  readonly drill: Drill;
  readonly state: RunState;
  readonly endedAt: Date;
  /** What ended the run early; undefined when every stage completed. */
  readonly ended: DrillError | undefined;
  /** What teardown could not remove. */
  readonly leak: DrillError | undefined;
}

/** How a run ended, before it is turned into its final record. */
interface Conclusion extends Pick<ConcludeInput, 'claimed' | 'endedAt'> {
  readonly judgement: Judgement;
  readonly failure: DrillError | undefined;
}

/**
 * Ends the run: judges its findings, writes the whole record in one transaction, and reports the verdict.
 * @throws DrillError `store-failed`, `disk-full` when the record cannot be written.
 */
export async function conclude(
  input: ConcludeInput,
  { facts, log }: { readonly facts: RunFacts; readonly log: RunLog },
  services: DrillServices,
): Promise<RunRecord> {
  const { ended, leak } = input;
  // A leak, or protection that could not be verified, turns a pass into an error; a failed run stays failed.
  const beside = leak ?? explainUnproven(input.state.protection, input.drill);
  const failure = ended ?? (beside && judgeRun(input, undefined).verdict !== 'failed' ? beside : undefined);
  const judgement = judgeRun(input, failure);
  const sentence = services.redact(judgement.sentence);
  const lines = failure ? services.redact(formatError(failure)).split('\n') : [];
  for (const line of lines) log.add('error', line);
  log.add('info', sentence);
  // The record matters more than the log, and may still fit where a long log does not.
  await log.flush().catch((thrown: unknown) => {
    facts.emit({ type: 'warning', message: `log not stored: ${asDrillError(thrown).message}` });
  });
  const record = toRecord({ ...input, judgement, failure }, facts.state, services);
  const stored = await finish(record, facts.emit, services);
  const isOurs = stored === record || stored.endedBy !== 'process-lost'; // if the answer to our commit was lost, our record comes back as another object
  const told = isOurs ? sentence : `INTERRUPTED ${stored.drill}: ${describeOutcome(stored)}`;
  facts.emit({ type: 'run-ended', run: stored, sentence: told });
  return stored;
}

/**
 * Retries, because the verdict would be lost if the store is locked or full only for a moment.
 * @returns the run as recorded. If another process considered the run dead meanwhile (this process was paused), this is what that process wrote.
 */
async function finish(
  record: RunRecord,
  emit: (fact: RunFact) => void,
  { store, recordRetryDelaysMs }: DrillServices,
): Promise<RunRecord> {
  for (const waitMs of [...recordRetryDelaysMs, undefined]) {
    try {
      await store.finish(record);
      return record;
    } catch (thrown) {
      if (thrown instanceof RunEndedError) return store.getRun(record.id);
      const error = asDrillError(thrown);
      if (!error.mayPass || waitMs === undefined) throw error;
      emit({ type: 'log', level: 'warn', message: `could not record the run (${error.message}); retrying` });
      await wait(waitMs);
    }
  }
  return record;
}

function judgeRun({ claimed, drill, state }: ConcludeInput, error: DrillError | undefined): Judgement {
  return judge({
    drill: drill.name,
    drillFile: drill.place.file,
    runId: claimed.id,
    objectives: drill.objectives,
    stages: state.stages,
    checks: state.checks,
    checksPlanned: drill.checks.length + sizeChecksPlanned(drill),
    startedAt: claimed.startedAt,
    takenAt: state.backup?.takenAt,
    newestTakenAt: state.backup?.newestTakenAt,
    recoverableUntil: state.replayed?.recoverableUntil,
    logEndsWith: state.replayed?.logEndsWith,
    logStoredAt: state.replayed?.logStoredAt,
    sizeBytes: state.backup?.sizeBytes,
    load: state.load,
    protection: state.protection,
    budget: drill.budget,
    reading: state.reading,
    error,
  });
}

/** @param state including what became known while concluding the run. */
function toRecord(
  { claimed, endedAt, judgement, failure }: Conclusion,
  state: RunState,
  { redact }: DrillServices,
): RunRecord {
  const status = statusOf(judgement.verdict, failure);
  const endedBy = state.cutShort?.by ?? 'itself';
  return {
    ...claimed,
    status,
    verdict: judgement.verdict,
    reasons: judgement.reasons.map((reason) => ({ ...reason, sentence: redact(reason.sentence) })),
    warnings: [...state.warnings, ...judgement.warnings],
    error: failure ? describeError(failure, claimed.id, redact) : undefined,
    endedBy,
    canceledBy: state.cutShort?.user,
    retryable: isRetryable({ status, trigger: claimed.trigger, endedBy }),
    endedAt,
    recoveryTimeMs: judgement.recoveryTimeMs,
    dataLossMs: judgement.dataLossMs,
    stages: stagesOf(state),
    checks: state.checks,
    identity: state.identity,
    backup: state.backup,
    protection: state.protection,
    reading: state.reading,
    sandbox: state.sandbox,
    ...(state.replayed ? { replay: toReplayRecord(state.replayed, claimed.startedAt) } : {}),
    proof: state.proof,
    restoreErrors: (state.load?.errors ?? []).map(redact),
    restoreErrorCount: state.load?.errorCount ?? 0,
  };
}

function describeError(error: DrillError, runId: string, redact: (text: string) => string): ErrorRecord {
  const isDefect = error.code === 'internal';
  return {
    code: error.code,
    stage: error.stage,
    message: redact(error.message),
    hint: isDefect ? describeDefect(runId) : error.hint === undefined ? undefined : redact(error.hint),
    details: error.details.map(redact),
  };
}

function describeDefect(runId: string): string {
  return `This is a defect in Firedrill: please report it with the output of \`firedrill logs ${runId}\`.`;
}

function toReplayRecord(replayed: Replayed, startedAt: Date): ReplayRecord {
  const {
    summary,
    end,
    lastCommit,
    firstLost,
    isWholeLog = false,
    logEndsWith: newest,
    logStoredAt: storedAt,
  } = replayed;
  const lagMs = storedAt && Math.max(0, startedAt.getTime() - storedAt.getTime());
  const archive = newest === undefined ? {} : { archive: { newest, storedAt, lagMs } };
  return { to: summary, end, lastCommit, firstLost, isWholeLog, ...archive };
}
