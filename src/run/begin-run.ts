import { randomBytes } from 'node:crypto';
import type { Drill } from '../config/drill-file.ts';
import { makeRunId } from '../record/run-id.ts';
import type { CheckRecord, RunRecord } from '../record/run-record.ts';
import type { DueClaim } from '../record/schedule-store.ts';
import { RunEndedError, type Store } from '../record/store.ts';
import { asDrillError, DrillError } from '../support/errors.ts';
import { currentOwner, formatOwner, type Owner } from '../support/owner.ts';
import { formatBytes, formatDuration } from '../support/quantities.ts';
import { toShell } from '../support/shell.ts';
import { nameStage } from '../support/vocabulary.ts';
import type { Run, RunState } from './claimed-run.ts';
import { type DrillRequest, type DrillServices, type RunEventBody, RunNotClaimed } from './contract.ts';
import { Deadline } from './deadline.ts';
import { keepLease, LEASE_MS } from './lease.ts';
import { RunLog } from './run-log.ts';
import { explainSourceWait } from './source-wait.ts';
import { StageRunner } from './stage-runner.ts';

/** Covers the teardown's own deadline of one minute, plus a margin for a slow engine. */
const SANDBOX_GRACE_MS = 5 * 60_000;

/** Claims a run: records it durably in the store before anything else is created. */
export async function beginRun(request: DrillRequest, services: DrillServices): Promise<Run> {
  const { drill } = request;
  const { clock, store } = services;
  const startedAt = clock.now();
  const startedMs = clock.monotonicMs();
  const owner = currentOwner();
  const claimed = describeClaim(request, services, startedAt, owner);
  const baseline = await store.getBaseline(drill.name);
  await claim(store, claimed, request.due);

  const log = new RunLog(claimed.id, store, clock);
  const emit = (event: RunEventBody) => {
    try {
      request.emit({ ...event, runId: claimed.id, drill: drill.name, at: clock.now() });
    } catch (error) {
      // A failing listener must not abort a run that has a sandbox up and an open record.
      log.add('error', `${event.type} was not told: ${asDrillError(error).message}`);
    }
  };
  const state: RunState = {};
  const checks: CheckRecord[] = [];
  const warnings: string[] = [];
  const closers: (() => void)[] = [];
  let ended = false;
  const controller = new AbortController();
  const warn = (message: string) => {
    const text = services.redact(message);
    warnings.push(text);
    log.add('warn', text);
    emit({ type: 'log', level: 'warn', message: text });
  };
  const onEnded = () => controller.abort(takenForDead(claimed.id));
  const addStage: Store['addStage'] = async (runId, stage) => {
    await store.addStage(runId, stage).catch((thrown: unknown) => {
      if (thrown instanceof RunEndedError) onEnded();
      throw thrown;
    });
    await log.flush(); // for a killed run, the log is the only evidence of how far it got
  };
  const stages = new StageRunner({ runId: claimed.id, startedAt, startedMs, clock, store: { addStage }, emit, warn });
  const onInterrupt = () => controller.abort(asInterruption(request.interrupt.reason, drill));
  if (request.interrupt.aborted) onInterrupt();
  request.interrupt.addEventListener('abort', onInterrupt, { once: true });
  const deadline = new Deadline(drill.objectives.deadlineMs, clock, () =>
    controller.abort(missedDeadline(drill, claimed.id, stages, state)),
  );
  const lease = keepLease(claimed.id, {
    store,
    clock,
    onEnded,
    onError: (error) => warn(`lease not extended: ${asDrillError(error).message}`),
  });

  emit({ type: 'run-started', deadlineMs: drill.objectives.deadlineMs, drillFile: drill.place.file });
  log.add('info', `run of ${drill.place.file} (${claimed.triggeredBy})`);
  return {
    claimed,
    drill,
    owner,
    stages,
    log,
    state,
    checks,
    warnings,
    baseline,
    signal: controller.signal,
    deadline,
    sandboxLeaseExpiresAt: () =>
      new Date(clock.now().getTime() + deadline.remainingMs + SANDBOX_GRACE_MS + request.keep.limitMs),
    emit,
    warn,
    checked: (check) => {
      checks.push(check);
      log.add(check.passed ? 'info' : 'error', `check ${check.name}: expected ${check.expected}, got ${check.actual}`);
      emit({ type: 'check', check });
    },
    defer: (resource) => {
      if (ended) resource.close();
      else closers.push(() => resource.close());
      return resource;
    },
    backup: () => {
      if (!state.backup) throw new DrillError('internal', 'the backup is used before it was chosen');
      return state.backup;
    },
    abort: (error) => controller.abort(error),
    end: () => {
      ended = true;
      deadline.stop();
      lease[Symbol.dispose]();
      request.interrupt.removeEventListener('abort', onInterrupt);
      for (const close of closers.reverse()) closeSafely(close, emit);
    },
  };
}

/** Reports a failed close as a warning, so that it neither loses the record nor leaves other resources open. */
function closeSafely(close: () => void, emit: (event: RunEventBody) => void): void {
  try {
    close();
  } catch (thrown) {
    emit({
      type: 'log',
      level: 'warn',
      message: `could not close what the run had opened: ${asDrillError(thrown).message}`,
    });
  }
}

async function claim(store: Store, run: RunRecord, due: DueClaim | undefined): Promise<void> {
  if (!due) return store.claim(run);
  const outcome = await store.claimDue(run, due);
  if (outcome.kind !== 'claimed') throw new RunNotClaimed(run.drill, outcome);
}

function describeClaim(
  { drill, triggeredBy, trigger }: DrillRequest,
  services: DrillServices,
  startedAt: Date,
  owner: Owner,
): RunRecord {
  return {
    id: makeRunId(startedAt, randomBytes),
    drill: drill.name,
    drillFile: drill.file,
    definitionHash: drill.definitionHash,
    definition: services.describeDefinition(drill),
    triggeredBy,
    trigger,
    owner: drill.owner,
    tier: drill.tier,
    status: 'running',
    verdict: undefined,
    reasons: [],
    warnings: [],
    error: undefined,
    startedAt,
    endedAt: undefined,
    objectives: drill.objectives,
    recoveryTimeMs: undefined,
    dataLossMs: undefined,
    stages: [],
    checks: [],
    backup: undefined,
    sandbox: undefined,
    restoreErrors: [],
    restoreErrorCount: 0,
    leaseOwner: formatOwner(owner),
    leaseExpiresAt: new Date(startedAt.getTime() + LEASE_MS),
    firedrillVersion: services.version,
  };
}

function asInterruption(reason: unknown, { place }: Drill): DrillError {
  if (reason instanceof DrillError) return reason;
  return new DrillError('interrupted', 'the run was given up before it ended', {
    hint: `No verdict. Run the drill again: \`${toShell(['firedrill', 'run', place.file])}\`.`,
  });
}

/** This process was paused for longer than its lease (a suspended machine, SIGSTOP), and another process ended the run. */
function takenForDead(runId: string): DrillError {
  return new DrillError(
    'interrupted',
    'this process stood still for so long that the run was recorded as interrupted',
    {
      hint: `No verdict. See how far it got with \`firedrill logs ${runId}\`, then run the drill again.`,
    },
  );
}

/** A missed deadline: recovery is too slow, with how far it got. Not a verdict when the run was waiting for the backup store. */
function missedDeadline(drill: Drill, runId: string, stages: StageRunner, state: RunState): DrillError {
  const { deadlineMs, rtoMs } = drill.objectives;
  const waited = explainSourceWait({
    runId,
    stage: stages.current,
    deadlineMs,
    source: state.source?.description,
    key: state.backup?.key,
    meter: state.meter,
    bytesPerSecond: stages.current === 'restore' ? state.progress?.bytesPerSecond : undefined,
  });
  if (waited) return waited;
  const during = stages.current ? ` during ${nameStage(stages.current)}` : '';
  const { progress } = state;
  const farther =
    progress && stages.current === 'restore'
      ? `; ${progress.ratio === undefined ? '' : `${Math.floor(progress.ratio * 100)} % done, `}${formatBytes(progress.bytesRead)} of ${formatBytes(progress.totalBytes)} read (${progress.doing})`
      : '';
  return new DrillError(
    'too-slow',
    `stopped at its deadline of ${formatDuration(deadlineMs)}${during}${farther}; the target is ${formatDuration(rtoMs)}`,
    {
      ...(stages.current ? { stage: stages.current } : {}),
      hint: `See with \`firedrill show ${runId}\` which stage took longest. To learn how long it really takes, raise \`objectives.deadline\` in ${drill.place.file}.`,
    },
  );
}
