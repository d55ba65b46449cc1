import { setTimeout as wait } from 'node:timers/promises';
import type { DrillServices } from '../drill.ts';
import { type Judgement, judge } from '../judge/judge.ts';
import { statusOf } from '../judge/outcome.ts';
import type { BackupRecord, ErrorRecord, RunRecord, SandboxRecord } from '../record/run-record.ts';
import { asDrillError, type DrillError, formatError } from '../support/errors.ts';
import type { Run } from './begin-run.ts';

/**
 * Ends the run: judges what it found, writes the whole record in one transaction, and tells the verdict.
 * @param ended what ended it early; undefined when every stage was gone through.
 * @param leak what teardown could not remove.
 * @throws DrillError `store-failed`, `disk-full` when the record cannot be written; everything else is released all the same.
 */
export async function conclude(
  run: Run,
  ended: DrillError | undefined,
  leak: DrillError | undefined,
  services: DrillServices,
): Promise<RunRecord> {
  try {
    // A leak makes an error of what would be a pass; what failed stays failed, with the leak among its warnings.
    const failure = ended ?? (leak && judgeRun(run, undefined).verdict !== 'failed' ? leak : undefined);
    const judgement = judgeRun(run, failure);
    const sentence = services.redact(judgement.sentence);
    if (failure) run.log.add('error', services.redact(formatError(failure)));
    run.log.add('info', sentence);
    // The log is worth less than the record, which may be written where a long log has no room.
    await run.log.flush().catch((thrown: unknown) => run.warn(`log not stored: ${asDrillError(thrown).message}`));
    const record = describe(run, judgement, failure, services);
    await finish(run, record, services);
    run.emit({ type: 'run-ended', run: record, sentence });
    return record;
  } finally {
    run.end();
  }
}

/** Everything is torn down by then, and only the verdict can be lost: a store that is locked or full for a moment is given that moment. */
async function finish(run: Run, record: RunRecord, { store, recordAgainAfterMs }: DrillServices): Promise<void> {
  for (const waitMs of recordAgainAfterMs) {
    try {
      return await store.finish(record);
    } catch (thrown) {
      const error = asDrillError(thrown);
      const mayPass = error.code === 'disk-full' || error.cause !== undefined; // a refusal by the store itself has no cause
      if (!mayPass) throw error;
      const message = `the run is not recorded yet: ${error.message}; it is tried again`;
      run.emit({ type: 'log', level: 'warn', message });
      await wait(waitMs);
    }
  }
  await store.finish(record);
}

function judgeRun(run: Run, error: DrillError | undefined): Judgement {
  return judge({
    drill: run.drill.name,
    objectives: run.drill.objectives,
    stages: run.stages.stages,
    checks: run.checks,
    checksPlanned: run.drill.checks.length,
    startedAt: run.claimed.startedAt,
    takenAt: run.seen.backup?.takenAt,
    newestTakenAt: run.seen.choice?.newestTakenAt,
    sizeBytes: run.seen.backup?.sizeBytes,
    load: run.seen.load,
    error,
  });
}

function describe(
  run: Run,
  judgement: Judgement,
  failure: DrillError | undefined,
  { redact }: DrillServices,
): RunRecord {
  const { load } = run.seen;
  return {
    ...run.claimed,
    status: statusOf(judgement.verdict, failure),
    verdict: judgement.verdict,
    reasons: judgement.reasons.map((reason) => ({ ...reason, sentence: redact(reason.sentence) })),
    warnings: [...run.warnings, ...judgement.warnings],
    error: failure ? describeError(failure, redact) : undefined,
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

function describeError(error: DrillError, redact: (text: string) => string): ErrorRecord {
  return {
    code: error.code,
    stage: error.stage,
    message: redact(error.message),
    hint: error.hint === undefined ? undefined : redact(error.hint),
    details: error.details.map(redact),
  };
}

function describeBackup({ seen, drill }: Run): BackupRecord | undefined {
  const { backup, choice, facts, source } = seen;
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

function describeSandbox({ seen }: Run): SandboxRecord | undefined {
  const { sandbox, server } = seen;
  if (!sandbox) return undefined;
  return {
    runtime: sandbox.runtime,
    image: sandbox.provenance.name,
    imageId: sandbox.provenance.id,
    isolation: sandbox.isolation.sentence,
    serverVersion: server?.version,
    removed: seen.removed ?? false,
    dataBytes: seen.dataBytes,
  };
}
