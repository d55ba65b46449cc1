import { setTimeout as wait } from 'node:timers/promises';
import { judge } from '../judge/judge.ts';
import type { Judgement } from '../judge/judgement.ts';
import { statusOf } from '../judge/outcome.ts';
import { describeOutcome } from '../record/history-view.ts';
import type { BackupRecord, ErrorRecord, RunRecord, SandboxRecord } from '../record/run-record.ts';
import { RunEndedError } from '../record/store.ts';
import { asDrillError, type DrillError, formatError } from '../support/errors.ts';
import type { Run } from './claimed-run.ts';
import type { DrillServices } from './contract.ts';

/**
 * Ends the run: judges its findings, writes the whole record in one transaction, and reports the verdict.
 * @param ended what ended it early; undefined when every stage completed.
 * @param leak what teardown could not remove.
 * @throws DrillError `store-failed`, `disk-full` when the record cannot be written; everything else is still released.
 */
export async function conclude(
  run: Run,
  ended: DrillError | undefined,
  leak: DrillError | undefined,
  services: DrillServices,
): Promise<RunRecord> {
  try {
    // A leak turns a pass into an error; a failed run stays failed, with the leak among its warnings.
    const failure = ended ?? (leak && judgeRun(run, undefined).verdict !== 'failed' ? leak : undefined);
    const judgement = judgeRun(run, failure);
    const sentence = services.redact(judgement.sentence);
    if (failure) run.log.add('error', services.redact(formatError(failure)));
    run.log.add('info', sentence);
    // The record matters more than the log, and may still fit where a long log does not.
    await run.log.flush().catch((thrown: unknown) => run.warn(`log not stored: ${asDrillError(thrown).message}`));
    const record = describe(run, judgement, failure, services);
    const kept = await finish(run, record, services);
    const told = kept === record ? sentence : `INTERRUPTED ${kept.drill}: ${describeOutcome(kept)}`;
    run.emit({ type: 'run-ended', run: kept, sentence: told });
    return kept;
  } finally {
    run.end();
  }
}

/**
 * Retries, because the verdict would be lost if the store is locked or full only for a moment.
 * @returns the run as recorded. If another process took the run for dead meanwhile (this process was paused), that is what the other one wrote.
 */
async function finish(run: Run, record: RunRecord, { store, recordRetryDelaysMs }: DrillServices): Promise<RunRecord> {
  for (const waitMs of [...recordRetryDelaysMs, undefined]) {
    try {
      await store.finish(record);
      return record;
    } catch (thrown) {
      if (thrown instanceof RunEndedError) return store.getRun(record.id);
      const error = asDrillError(thrown);
      if (!error.mayPass || waitMs === undefined) throw error;
      const message = `could not record the run (${error.message}); retrying`;
      run.emit({ type: 'log', level: 'warn', message });
      await wait(waitMs);
    }
  }
  return record;
}

function judgeRun(run: Run, error: DrillError | undefined): Judgement {
  return judge({
    drill: run.drill.name,
    drillFile: run.drill.place.file,
    runId: run.claimed.id,
    objectives: run.drill.objectives,
    stages: run.stages.stages,
    checks: run.checks,
    checksPlanned: run.drill.checks.length,
    startedAt: run.claimed.startedAt,
    takenAt: run.state.backup?.takenAt,
    newestTakenAt: run.state.choice?.newestTakenAt,
    sizeBytes: run.state.backup?.sizeBytes,
    load: run.state.load,
    error,
  });
}

function describe(
  run: Run,
  judgement: Judgement,
  failure: DrillError | undefined,
  { redact }: DrillServices,
): RunRecord {
  const { load } = run.state;
  return {
    ...run.claimed,
    status: statusOf(judgement.verdict, failure),
    verdict: judgement.verdict,
    reasons: judgement.reasons.map((reason) => ({ ...reason, sentence: redact(reason.sentence) })),
    warnings: [...run.warnings, ...judgement.warnings],
    error: failure ? describeError(failure, run.claimed.id, redact) : undefined,
    endedAt: run.stages.endedAt,
    recoveryTimeMs: judgement.recoveryTimeMs,
    dataLossMs: judgement.dataLossMs,
    stages: run.stages.stages,
    checks: run.checks,
    backup: describeBackup(run),
    sandbox: describeSandbox(run),
    restoreErrors: (load?.errors ?? []).map(redact),
    restoreErrorCount: load?.errorCount ?? 0,
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

function describeBackup({ state, drill }: Run): BackupRecord | undefined {
  const { backup, choice, facts, source } = state;
  if (!backup) return undefined;
  return {
    source: source?.description ?? drill.backup.match,
    key: backup.key,
    sizeBytes: backup.sizeBytes,
    takenAt: backup.takenAt,
    etag: backup.kind === 'object' ? backup.objects[0]?.etag : undefined,
    format: facts?.format,
    serverVersion: facts?.serverVersion,
    dumpedBy: facts?.dumpedBy,
    selection: choice?.selection,
    newestTakenAt: choice?.newestTakenAt,
  };
}

function describeSandbox({ state }: Run): SandboxRecord | undefined {
  const { sandbox, server } = state;
  if (!sandbox) return undefined;
  return {
    runtime: sandbox.runtime,
    image: sandbox.provenance.name,
    imageId: sandbox.provenance.id,
    isolation: sandbox.isolation.sentence,
    serverVersion: server?.version,
    removed: state.removed ?? false,
    dataBytes: state.dataBytes,
  };
}
