import type { Drill } from '../config/drill-file.ts';
import { targetOf } from '../config/recovery-target.ts';
import type { Server } from '../engines/engine.ts';
import { describePlan } from '../plan/format-plan.ts';
import { sumReadings } from '../plan/reading-cost.ts';
import type { RunRecord } from '../record/run-record.ts';
import { asDrillError, type DrillError, meaningOf } from '../support/errors.ts';
import { formatCount } from '../support/quantities.ts';
import { nameServer } from '../support/versions.ts';
import { beginRun } from './begin-run.ts';
import { checkProtection } from './check-protection.ts';
import type { ClaimedRun } from './claimed-run.ts';
import { conclude } from './conclude.ts';
import type { DrillRequest, DrillServices, StageContext } from './contract.ts';
import { countReading } from './count-reading.ts';
import { describeLocated } from './describe-located.ts';
import { describeRestored } from './describe-restore.ts';
import { keepSandbox } from './keep-sandbox.ts';
import { openAndLocate } from './open-and-locate.ts';
import { decidePlan } from './plan-drill.ts';
import { proveReading, skipReads } from './prove/prove-reading.ts';
import { proveWhenDue } from './prove/prove-when-due.ts';
import { toProof } from './prove/to-proof.ts';
import { provision } from './provision.ts';
import { pullImage } from './pull-image.ts';
import { warnOfUnprovenLog, warnOfUnusedKeys } from './read-as.ts';
import { recordRequests } from './record-requests.ts';
import { restore } from './restore.ts';
import { teardown, teardownDeadline } from './teardown.ts';
import { verify } from './verify.ts';

/**
 * Runs one drill from start to end: claim, locate, plan, provision, restore, verify, judge, tear down, record. Every outcome is in the returned record; throws
 * only when the record could not be written, or a kept sandbox could not be removed.
 *
 * @throws DrillError `store-failed` when the run could not be claimed (nothing was created) or recorded (everything was torn down), `sandbox-leaked`;
 * RunNotClaimed when `due` or `limits` rule out a start.
 */
export async function runDrill(request: DrillRequest, given: DrillServices): Promise<RunRecord> {
  const run = await beginRun(request, given);
  const { id: runId, drill } = run.claimed;
  const { services, save } = recordRequests(given, { drill, runId });
  run.handles.saveRequests = save;
  const { emit } = run.facts;
  let failure: DrillError | undefined;
  try {
    await recoverAndVerify(run, request, services);
  } catch (thrown) {
    const { cutShort } = run.handles;
    if (cutShort) emit({ type: 'cut-short', ...cutShort });
    failure = asDrillError(run.signal.aborted ? run.signal.reason : thrown);
  }
  await run.handles.protection?.catch((thrown: unknown) => {
    failure ??= asDrillError(thrown); // a run is recorded whatever happens
  });
  countReading(run, services);
  const { sandbox, server } = run.handles;
  const keepMs = canBeKept(run, failure) ? request.keep.ms : undefined;
  if (!sandbox || keepMs === undefined) {
    const leak = await removeSandbox(run);
    if (!failure && !leak) await proveOnDamagedReads(run, request, services);
    return await end(run, request.drill, { failure, leak }, services);
  }
  emit({ type: 'keep-decided', keepMs });
  if (!failure) leaveOutReads(run);
  const record = await end(run, request.drill, { failure, leak: undefined }, services).catch(
    async (thrown: unknown) => {
      await sandbox.dispose().catch(() => undefined); // a run that could not be recorded is not kept for inspection
      throw thrown;
    },
  );
  if (record.status === 'interrupted') await sandbox.dispose();
  else await keepSandbox({ sandbox, server, keepMs }, { signal: request.interrupt, clock: services.clock, emit });
  return record;
}

async function recoverAndVerify(run: ClaimedRun, request: DrillRequest, services: DrillServices): Promise<void> {
  const { drill } = request;
  const { claimed, stages, handles, signal, baseline } = run;
  const engine = await services.engineOf(drill.engine.type);

  // Finding an engine takes as long as finding the backup, so the two run in parallel. A failure is raised when the engine is needed.
  const looking = new AbortController();
  const wanted = request.runtime ?? drill.sandbox.runtime;
  const need = { ...drill.sandbox, containerEngine: request.containerEngine };
  const runtimeFound = services.chooseRuntime(wanted, AbortSignal.any([signal, looking.signal]), need);
  runtimeFound.catch(() => undefined);
  const stopLooking = async (error: unknown): Promise<never> => {
    looking.abort(error);
    await Promise.allSettled([runtimeFound]); // it may have created a trial sandbox; nothing may still be in progress after a run has ended
    throw error;
  };

  const located = await stages
    .run('locate', (ctx) => openAndLocate(run, { drill, engine, services }, ctx).catch(stopLooking), {
      describe: ({ backup, selection }) => describeLocated(backup, { selection, drill, now: services.clock.now() }),
    })
    .catch(stopLooking);
  const { backup, content, openBackup, source, log, neighbours, checksums } = located;
  handles.protection = checkProtection({ drill, source, objects: backup.objects }, run, services);
  handles.protection.catch(() => undefined); // raised when the run waits for it

  const planning = {
    drill,
    source,
    located,
    engine,
    runtimeFound,
    baseline,
    identity: run.facts.state.identity,
    images: services.images,
    share: handles.pace?.shareOf(claimed.readsFrom ?? []),
  };
  const { runtime, plan, found } = await stages.run('plan', (ctx) => decidePlan(planning, ctx), {
    describe: ({ plan }) => describePlan(plan),
  });

  if (found) await stages.skip('image-pull');
  const pull = (ctx: StageContext) => run.deadline.pausedFor(() => pullImage({ plan, runtime }, ctx));
  const image = found ?? (await stages.run('image-pull', pull, { describe: ({ name }) => name }));

  const onBooted = (server: Server) => {
    handles.server = server;
  };
  const provisioning = {
    owned: {
      runId: claimed.id,
      drill: drill.name,
      owner: run.owner,
      leaseExpiresAt: run.sandboxLeaseExpiresAt(),
    },
    plan,
    settings: drill.engine,
    runtime,
    engine,
    backup: openBackup,
    onStarting: run.holdSandbox,
    onBooted,
  };
  const restoration = await stages.run('provision', (ctx) => provision(provisioning, ctx), {
    describe: () => `${nameServer(engine.type, handles.server?.version ?? plan.engine.version)} in ${image.name}`,
  });

  const restoring = {
    drill,
    plan,
    restoration,
    recovery: {
      target: targetOf(drill.recover, log !== undefined || openBackup.bringsLog === true, claimed),
      log,
      storedAt: new Date(Math.max(...backup.objects.map(({ modifiedAt }) => modifiedAt.getTime()))),
    },
    onBooted,
    meter: content.meter,
    totalBytes: backup.sizeBytes,
    checksums,
  };
  const { server, outcome } = await stages.run('restore', (ctx) => restore(restoring, ctx), {
    describe: ({ outcome }) => describeRestored(backup.sizeBytes, outcome, engine.offers),
  });

  const isPhysical = !(openBackup.isLogical ?? false);
  const { takenAt } = backup;
  const { cpus } = plan.sandbox;
  const copy = { server, database: drill.engine.database ?? outcome.database, takenAt, isPhysical, cpus, signal };
  const { completeDrill } = request;
  if (completeDrill) {
    const complete = () => run.deadline.pausedFor(() => completeDrill(copy));
    handles.completed = await stages.leaveOut(complete); // writing checks is not part of a recovery
  }
  const verifying = {
    drill: handles.completed ?? drill,
    server,
    database: copy.database,
    takenAt,
    restore: {
      isPhysical,
      lastCommitAt: outcome.replayed?.lastCommitAt,
    },
    neighbours,
    sandbox: handles.sandbox,
    images: services.images,
    cpus,
    store: services.store,
  };
  const checked = await stages.run('verify', (ctx) => verify(verifying, ctx), {
    describe: (checks) =>
      `${formatCount(checks.filter(({ passed }) => passed).length)} of ${formatCount(checks.length)} checks passed`,
  });
  if (checked.every(({ passed }) => passed)) {
    const { remainingMs } = run.deadline;
    const ctx = { signal, clock: services.clock, emit: run.facts.emit, remainingMs };
    await run.deadline.pausedFor(async () => {
      const proof = await proveWhenDue(request, verifying, ctx);
      if (proof) run.facts.emit({ type: 'proven', proof: toProof(proof) });
      handles.isVerdictKnown = proof?.isInterrupted === true;
      if (handles.isVerdictKnown) return;
      const isInRepository = openBackup.bringsLog === true;
      handles.proving = proof && { ...proof, source, backup, engine, isInRepository };
      await request.onPassed?.(copy);
    });
  }
  for (const warn of [warnOfUnusedKeys, warnOfUnprovenLog]) {
    const message = warn(drill, run.facts.state.identity);
    if (message !== undefined) run.facts.emit({ type: 'warning', message });
  }
  await handles.protection;
  if (!handles.isVerdictKnown) signal.throwIfAborted();
}

/** Continues a proof once the sandbox is gone, so that there is only one sandbox at a time. The verdict is already known, and does not change. */
async function proveOnDamagedReads(run: ClaimedRun, request: DrillRequest, services: DrillServices): Promise<void> {
  const { proving } = run.handles;
  if (!proving) return;
  const input = { ...proving, run, request, services, runDrill };
  const { entries, isInterrupted, readings } = await run.deadline.pausedFor(() => proveReading(input));
  const all = [...proving.entries, ...entries];
  run.facts.emit({ type: 'proven', proof: toProof({ ...proving, entries: all, isInterrupted }, run.claimed.id) });
  if (readings.length > 0) run.facts.emit({ type: 'proof-reading-counted', reading: sumReadings(readings) });
}

/** There is only one sandbox at a time, and this one is kept. */
function leaveOutReads({ facts, handles: { proving } }: ClaimedRun): void {
  if (!proving) return;
  const left = skipReads(proving.asked.kinds, 'the sandbox was kept');
  if (left.length === 0) return;
  const asked = { ...proving.asked, isPartial: true };
  const entries = [...proving.entries, ...left];
  facts.emit({ type: 'proven', proof: toProof({ ...proving, asked, entries, isInterrupted: false }) });
}

function canBeKept({ handles: { sandbox }, signal }: ClaimedRun, failure: DrillError | undefined): boolean {
  if (signal.aborted && !failure) return false; // ended by a user after the verdict
  const isInterrupted = failure !== undefined && meaningOf(failure.code) === 'interrupted';
  return !isInterrupted && sandbox?.gone.aborted === false;
}

/** @returns the error for what could not be removed; never throws, so it never masks the first cause. */
async function removeSandbox({ stages, handles, facts, signal }: ClaimedRun): Promise<DrillError | undefined> {
  const { starting } = handles;
  if (!starting) {
    await stages.skip('teardown');
    return undefined;
  }
  using deadline = teardownDeadline();
  try {
    const isMeasured = facts.state.load !== undefined && !signal.aborted;
    await stages.run('teardown', (ctx) => teardown({ starting, isMeasured }, ctx), {
      describe: () => 'nothing left',
      signal: deadline.signal,
    });
    return undefined;
  } catch (thrown) {
    const error = asDrillError(thrown, 'teardown');
    facts.emit({ type: 'warning', message: `teardown: ${error.message}` });
    return error;
  }
}

/** Records the run, and releases everything but a kept sandbox. */
async function end(
  run: ClaimedRun,
  drill: Drill,
  { failure, leak }: { readonly failure: DrillError | undefined; readonly leak: DrillError | undefined },
  services: DrillServices,
): Promise<RunRecord> {
  using _ = run;
  const { facts, stages } = run;
  const unsaved = await run.handles.saveRequests?.();
  if (unsaved !== undefined)
    facts.emit({ type: 'log', level: 'warn', message: `requests to the store were not recorded: ${unsaved}` });
  const { completed } = run.handles;
  const claimed = completed
    ? {
        ...run.claimed,
        definitionHash: completed.definitionHash,
        definition: services.describeDefinition(completed),
      }
    : run.claimed;
  const ended = {
    claimed,
    drill: completed ?? drill,
    state: facts.state,
    endedAt: stages.endedAt,
    ended: failure,
    leak,
  };
  return await conclude(ended, run, services);
}
