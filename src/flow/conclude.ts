import type { DrillServices } from '../drill.ts';
import { type Judgement, judge } from '../judge/judge.ts';
import type { BackupRecord, ErrorRecord, RunRecord, SandboxRecord } from '../record/run-record.ts';
import { type DrillError, formatError, meaningOf, reasonOf } from '../support/errors.ts';
import type { RunStatus } from '../support/words.ts';
import type { Run } from './begin-run.ts';

/**
 * Ends the run: judges what it found, writes the whole record in one transaction, and tells the verdict.
 * @param failure what ended it early; undefined when every stage was gone through.
 * @throws DrillError `store-failed`, `disk-full` when the record cannot be written; everything else is released all the same.
 */
export async function conclude(
  run: Run,
  failure: DrillError | undefined,
  services: DrillServices,
): Promise<RunRecord> {
  try {
    const status = statusOf(failure);
    const judgement = judgeRun(run, status === 'completed' ? failure : undefined);
    const record = describe(run, status, judgement, failure, services);
    if (failure) run.log.add('error', services.redact(formatError(failure)));
    run.log.add('info', judgementSentence(record, judgement));
    await run.log.flush();
    await services.store.finish(record);
    run.emit({ type: 'run-ended', run: record, sentence: judgementSentence(record, judgement) });
    return record;
  } finally {
    run.end();
  }
}

function statusOf(failure: DrillError | undefined): Exclude<RunStatus, 'running'> {
  if (!failure || reasonOf(failure)) return 'completed';
  return meaningOf(failure.code) === 'interrupted' ? 'interrupted' : 'errored';
}

function judgeRun(run: Run, failure: DrillError | undefined): Judgement {
  return judge({
    drill: run.drill.name,
    stages: run.stages.stages,
    checks: run.checks,
    plannedChecks: run.drill.checks.length,
    objectives: run.drill.objectives,
    startedAt: run.claimed.startedAt,
    backup: run.seen.backup,
    load: run.seen.load,
    failure,
  });
}

function judgementSentence(record: RunRecord, judgement: Judgement): string {
  if (record.status === 'completed') return judgement.sentence;
  const where = record.error?.stage ? ` in ${record.error.stage}` : '';
  return `${record.status.toUpperCase()} ${record.drill}${where}: ${record.error?.message ?? 'given up'}`;
}

function describe(
  run: Run,
  status: Exclude<RunStatus, 'running'>,
  judgement: Judgement,
  failure: DrillError | undefined,
  { clock, redact }: DrillServices,
): RunRecord {
  const completed = status === 'completed';
  const { load } = run.seen;
  return {
    ...run.claimed,
    status,
    verdict: completed ? judgement.verdict : undefined,
    reasons: completed ? judgement.reasons.map((reason) => ({ ...reason, sentence: redact(reason.sentence) })) : [],
    warnings: [...run.warnings, ...(completed ? judgement.warnings : [])],
    error: failure ? describeError(failure, redact) : undefined,
    endedAt: clock.now(),
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
  const { backup, facts, source } = seen;
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
  };
}
