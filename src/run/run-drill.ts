import type { BackupContent } from '../backup/content.ts';
import type { Backup } from '../backup/source.ts';
import { describePlan } from '../plan/format-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { SandboxRuntime } from '../sandbox/sandbox.ts';
import { asDrillError, type DrillError } from '../support/errors.ts';
import { formatAge, formatBytes, formatCount } from '../support/quantities.ts';
import { openCheckSessions } from '../verify/check-sessions.ts';
import { runChecks } from '../verify/run-checks.ts';
import { beginRun } from './begin-run.ts';
import type { Run } from './claimed-run.ts';
import { conclude } from './conclude.ts';
import type { DrillRequest, DrillServices } from './contract.ts';
import { keepSandbox } from './keep-sandbox.ts';
import { type Choice, locate } from './locate.ts';
import { planDrill } from './plan-drill.ts';
import { provision } from './provision.ts';
import { findImage, type ImageFound, pullImage } from './pull-image.ts';
import { restore } from './restore.ts';
import { teardown } from './teardown.ts';

/**
 * One drill, start to end: claim, locate, plan, provision, restore, verify, judge, tear down, record.
 * Every outcome is in the returned record; throws only when the record could not be written, or a kept sandbox could not be removed.
 *
 * @throws DrillError `store-failed` when the run could not be claimed (nothing was created) or recorded (everything was torn down), `sandbox-leaked`;
 * RunNotClaimed when `due` rules out a start.
 */
export async function runDrill(request: DrillRequest, services: DrillServices): Promise<RunRecord> {
  const run = await beginRun(request, services);
  let failure: DrillError | undefined;
  try {
    await recoverAndVerify(run, request, services);
  } catch (thrown) {
    failure = asDrillError(run.signal.aborted ? run.signal.reason : thrown);
  }
  const keepMs = canBeKept(run, failure) ? request.keep.ms : undefined;
  if (keepMs === undefined) {
    const leak = await teardown(run);
    return conclude(run, failure, leak, services);
  }
  const record = await conclude(run, failure, undefined, services).catch(async (thrown: unknown) => {
    await run.state.sandbox?.dispose().catch(() => undefined); // a run that could not be recorded is not kept for inspection
    throw thrown;
  });
  if (record.status === 'interrupted') await run.state.sandbox?.dispose();
  else await keepSandbox(run, keepMs, request.interrupt, services);
  return record;
}

function canBeKept({ state }: Run, failure: DrillError | undefined): boolean {
  return failure?.code !== 'interrupted' && state.sandbox !== undefined && !state.sandbox.gone.aborted;
}

async function recoverAndVerify(run: Run, request: DrillRequest, services: DrillServices): Promise<void> {
  const { drill } = request;
  const { clock } = services;
  const { signal, stages } = run;
  const engine = await services.engineOf(drill.engine.type);

  // Finding an engine takes as long as finding the backup, so both run in parallel. A failure is raised when the engine is needed.
  const looking = new AbortController();
  const wanted = request.runtime ?? drill.sandbox.runtime;
  const runtimeFound = services.chooseRuntime(wanted, AbortSignal.any([signal, looking.signal]));
  runtimeFound.catch(() => undefined);
  const stopLooking = async (error: unknown): Promise<never> => {
    looking.abort(error);
    await Promise.allSettled([runtimeFound]); // it may have created a trial sandbox; nothing may be in progress after a run has ended
    throw error;
  };

  const findBackup = async () => {
    const source = run.defer(await services.openSource(drill.backup.source));
    run.state.source = source;
    const progress = {
      onChosen: (backup: Backup, choice: Choice) => {
        run.state.backup = backup;
        run.state.choice = choice;
      },
      onOpened: (content: BackupContent) => {
        run.state.meter = content.meter;
        run.defer(content);
      },
      onWarning: run.warn,
    };
    const value = await locate(drill, source, engine, clock.now(), progress, run.claimed.id, signal);
    run.state.facts = value.engineBackup.facts;
    const age = formatAge(clock.now().getTime() - value.backup.takenAt.getTime());
    const drawn = drill.backup.select.by === 'random' ? ` (${value.selection})` : '';
    const summary = `${value.backup.key}, ${formatBytes(value.backup.sizeBytes)}, taken ${age} ago${drawn}`;
    return { value: { ...value, source }, summary };
  };
  const locating = stages.run('locate', signal, () => findBackup().catch(stopLooking));
  const located = await locating.catch(stopLooking);

  const planned = await stages.run('plan', signal, async () => {
    const runtime = await runtimeFound;
    const given = { drill, source: located.source, located, engine, runtime: runtime.name, baseline: run.baseline };
    const plan = planDrill(given, services);
    run.emit({ type: 'planned', plan });
    for (const warning of plan.warnings) run.warn(warning);
    const image = await findImage(run, plan, runtime);
    return { value: { runtime, plan, image }, summary: describePlan(plan) };
  });
  const { runtime, plan } = planned;
  if (planned.image) await stages.skip('image-pull');
  run.state.image = planned.image ?? (await pull(run, plan, runtime));

  const provisioned = await stages.run('provision', signal, async (phases) => {
    const value = await provision({ run, phases, plan, runtime, engine, backup: located.engineBackup, request });
    return { value, summary: `${engine.type} ${value.server.version} in ${run.state.image?.name ?? plan.image}` };
  });

  const outcome = await stages.run('restore', signal, async (phases) => {
    const value = await restore({ ...provisioned, run, phases, plan, meter: located.content.meter, clock });
    return { value, summary: `${formatBytes(run.backup().sizeBytes)} into database ${value.database}` };
  });
  run.state.load = outcome;

  await stages.run('verify', signal, async () => {
    await using sessions = openCheckSessions(provisioned.server, drill.engine.database ?? outcome.database, signal);
    const { place } = drill;
    const options = {
      place,
      takenAt: located.backup.takenAt,
      clock,
      signal,
      onCheck: run.checked,
      onWarning: run.warn,
    };
    const checks = await runChecks(sessions, drill.checks, options);
    const passed = checks.filter((check) => check.passed).length;
    return { value: checks, summary: `${formatCount(passed)} of ${formatCount(checks.length)} checks passed` };
  });
}

async function pull(run: Run, plan: Plan, runtime: SandboxRuntime): Promise<ImageFound> {
  return run.stages.run('image-pull', run.signal, async () => {
    const image = await pullImage(run, plan, runtime);
    return { value: image, summary: image.name };
  });
}
