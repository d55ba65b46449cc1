import { randomBytes } from 'node:crypto';
import type { Drill } from '../config/drill-file.ts';
import { readsFrom } from '../config/reads-from.ts';
import { makeRunId } from '../record/run-id.ts';
import type { RunRecord } from '../record/run-record.ts';
import { RunEndedError, type Store } from '../record/store.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { asDrillError, DrillError } from '../support/errors.ts';
import { currentOwner, formatOwner, type Owner } from '../support/owner.ts';
import { toShell } from '../support/shell.ts';
import type { IdentityName } from '../support/vocabulary.ts';
import { chooseIdentity } from './choose-identity.ts';
import type { ClaimedRun, CutShort, RunHandles } from './claimed-run.ts';
import {
  CanceledByUser,
  type DrillRequest,
  type DrillServices,
  type RunEvent,
  RunNotClaimed,
  type StartedSandbox,
} from './contract.ts';
import { Deadline } from './deadline.ts';
import { keepLease, LEASE_MS, leaseBeatMs } from './lease.ts';
import { missedDeadline } from './missed-deadline.ts';
import { OpenResources } from './open-resources.ts';
import { FinishWatch } from './prediction/finish-watch.ts';
import { RunFacts } from './run-facts.ts';
import { RunLog } from './run-log.ts';
import { StageRunner } from './stage-runner.ts';

/** Covers the teardown's own deadline of one minute, plus a margin for a slow engine. */
const SANDBOX_GRACE_MS = 5 * 60_000;
/** Largest clock difference between hosts that we correct for, in milliseconds. A start further ahead comes from a wrong clock. */
const MAX_SKEW_MS = 15 * 60_000;

/** Claims a run: records it durably in the store before anything else is created. */
export async function beginRun(request: DrillRequest, services: DrillServices): Promise<ClaimedRun> {
  const { drill } = request;
  const { clock, store, redact } = services;
  const startedAt = await startOf(request, services);
  const startedMs = clock.monotonicMs();
  const owner = currentOwner();
  const identity = await chooseIdentity(drill, request.as, store, startedAt, request.trigger.attempt);
  const claimed = describeClaim(request, services, { startedAt, owner, identity });
  const baseline = await store.getBaseline(drill.name);
  await claim(store, claimed, request);

  const log = new RunLog(claimed.id, store, clock);
  const finish = new FinishWatch({
    history: baseline?.timings ?? [],
    emit: (fact) => emit(fact),
    now: () => clock.now(),
  });
  const listener = (event: RunEvent) => {
    request.emit(event);
    finish.follow(event);
  };
  const facts = new RunFacts({ runId: claimed.id, drill: drill.name, clock, log, redact, listener });
  const { emit } = facts;
  const handles: RunHandles = { reads: [] };
  const controller = new AbortController();
  const { signal } = controller;
  const cutShort = (by: CutShort['by'], error: DrillError) => {
    if (signal.aborted) return; // the first cause wins
    handles.cutShort = { by, user: error instanceof CanceledByUser ? error.user : undefined };
    controller.abort(error);
  };
  const onEnded = () => cutShort('process-lost', takenForDead(claimed.id));
  const addStage: Store['addStage'] = async (runId, stage) => {
    await store.addStage(runId, stage).catch((thrown: unknown) => {
      if (thrown instanceof RunEndedError) onEnded();
      throw thrown;
    });
    await log.flush(); // for a killed run, the log is the only evidence of how far it got
  };
  const stages = new StageRunner({ runId: claimed.id, startedAt, startedMs, clock, store: { addStage }, emit, signal });

  const ending = new DisposableStack();
  ending.use(finish);
  const resources = ending.use(
    new OpenResources((thrown) => {
      const message = `could not close resources of the run: ${asDrillError(thrown).message}`;
      emit({ type: 'log', level: 'warn', message });
    }),
  );
  const onInterrupt = () => {
    const reason = asInterruption(request.interrupt.reason, drill);
    cutShort(reason instanceof CanceledByUser ? 'user' : 'shutdown', reason);
  };
  if (request.interrupt.aborted) onInterrupt();
  request.interrupt.addEventListener('abort', onInterrupt, { once: true });
  ending.defer(() => request.interrupt.removeEventListener('abort', onInterrupt));
  ending.use(
    keepLease(claimed.id, {
      store,
      clock,
      onEnded,
      onError: (error) => emit({ type: 'warning', message: `lease not extended: ${asDrillError(error).message}` }),
    }),
  );
  const onMissed = () => {
    const { state } = facts;
    const late = {
      drill,
      runId: claimed.id,
      stage: stages.current,
      state,
      meter: handles.meter,
      held: handles.pace?.held,
    };
    cutShort('deadline', missedDeadline(late));
  };
  const deadline = ending.adopt(new Deadline(drill.objectives.deadlineMs, clock, onMissed), (one) => one.stop());

  const { deadlineMs, rtoMs, counts } = drill.objectives;
  emit({ type: 'run-started', deadlineMs, rtoMs, counts, drillFile: drill.place.file });
  emit({ type: 'identity-chosen', identity });
  const access = identity === 'recovery' ? ', with the recovery identity' : '';
  log.add('info', `run of ${drill.place.file} (${claimed.triggeredBy})${access}`);
  return {
    claimed,
    owner,
    baseline,
    facts,
    log,
    stages,
    handles,
    resources,
    signal,
    deadline,
    sandboxLeaseExpiresAt: () =>
      new Date(clock.now().getTime() + deadline.remainingMs + SANDBOX_GRACE_MS + request.keep.limitMs),
    holdSandbox: (starting) => {
      handles.starting = starting;
      const onUp = (sandbox: Sandbox) => {
        handles.sandbox = sandbox;
        emit({ type: 'sandbox-started', sandbox: describeSandbox(sandbox) });
        const onGone = () => controller.abort(asDrillError(sandbox.gone.reason));
        sandbox.gone.addEventListener('abort', onGone, { once: true });
        if (sandbox.gone.aborted) onGone();
      };
      starting.then(onUp, () => undefined); // the caller that started it handles a failure
    },
    [Symbol.dispose]: () => ending.dispose(),
  };
}

/** A retry starts after the run it repeats, even if their hosts' clocks disagree: a drill's runs are ordered by their start times. */
async function startOf({ drill, trigger }: DrillRequest, { store, clock }: DrillServices): Promise<Date> {
  const now = clock.now();
  const [newest] = trigger.attempt > 1 ? await store.findRuns({ drill: drill.name, limit: 1 }) : [];
  const aheadMs = newest ? newest.startedAt.getTime() - now.getTime() : Number.NEGATIVE_INFINITY;
  return aheadMs >= 0 && aheadMs <= MAX_SKEW_MS ? new Date(now.getTime() + aheadMs + 1) : now;
}

function describeSandbox({ id, runtime, containerEngine, provenance, isolation }: Sandbox): StartedSandbox {
  const engine = containerEngine === undefined ? {} : { containerEngine };
  return { id, runtime, ...engine, image: provenance.name, imageId: provenance.id, isolation: isolation.sentence };
}

async function claim(store: Store, run: RunRecord, { due, limits }: DrillRequest): Promise<void> {
  if (!due) {
    const limit = await store.claim(run, limits);
    if (limit) throw new RunNotClaimed(run.drill, { kind: 'limited', limit });
    return;
  }
  const outcome = await store.claimDue(run, due);
  if (outcome.kind !== 'claimed') throw new RunNotClaimed(run.drill, outcome);
}

function describeClaim(
  { drill, triggeredBy, trigger }: DrillRequest,
  services: DrillServices,
  { startedAt, owner, identity }: { readonly startedAt: Date; readonly owner: Owner; readonly identity: IdentityName },
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
    endedBy: undefined,
    canceledBy: undefined,
    retryable: false,
    startedAt,
    endedAt: undefined,
    objectives: drill.objectives,
    recoveryTimeMs: undefined,
    dataLossMs: undefined,
    stages: [],
    checks: [],
    identity: { name: identity, keys: [], principal: undefined },
    backup: undefined,
    protection: undefined,
    proof: undefined,
    reading: undefined,
    sandbox: undefined,
    accepted: undefined,
    restoreErrors: [],
    restoreErrorCount: 0,
    readsFrom: readsFrom(drill),
    leaseOwner: formatOwner(owner),
    leaseExpiresAt: new Date(startedAt.getTime() + LEASE_MS),
    leaseBeatMs: leaseBeatMs(services.store),
    firedrillVersion: services.version,
  };
}

function asInterruption(reason: unknown, { place }: Drill): DrillError {
  if (reason instanceof DrillError) return reason;
  return new DrillError('interrupted', 'the run was canceled before it ended', {
    hint: `No verdict. Run the drill again: \`${toShell(['firedrill', 'run', place.file])}\`.`,
  });
}

/** This process was suspended (SIGSTOP) or cut off from the store, so another process considered it dead and ended the run. */
function takenForDead(runId: string): DrillError {
  return new DrillError(
    'interrupted',
    'this process was suspended, or cut off from the store, for so long that the run was recorded as interrupted',
    {
      hint: `No verdict. See how far it got with \`firedrill logs ${runId}\`, then run the drill again.`,
    },
  );
}
