import { locateBackup } from './backup/locate-backup.ts';
import { openContent } from './backup/open-content.ts';
import type { BackupSource } from './backup/source.ts';
import type { Drill, SourceSpec } from './config/drill-file.ts';
import type { Engine } from './engines/engine.ts';
import { beginRun, type Run } from './flow/begin-run.ts';
import { keepSandbox } from './flow/keep-sandbox.ts';
import { provision } from './flow/provision.ts';
import type { EmitRunEvent } from './flow/run-events.ts';
import { conclude } from './flow/conclude.ts';
import { teardown } from './flow/teardown.ts';
import { makePlan } from './plan/make-plan.ts';
import type { RunRecord } from './record/run-record.ts';
import type { Store } from './record/store.ts';
import { restore } from './restore/restore.ts';
import type { SandboxRuntime } from './sandbox/sandbox.ts';
import type { Clock } from './support/clock.ts';
import { asDrillError, type DrillError } from './support/errors.ts';
import { formatAge, formatBytes, formatCount } from './support/quantities.ts';
import type { EngineType, RuntimeName } from './support/words.ts';
import { runChecks } from './verify/run-checks.ts';

/** Everything with a side effect that a drill uses, passed in. */
export interface DrillServices {
  readonly clock: Clock;
  readonly store: Store;
  readonly openSource: (spec: SourceSpec) => Promise<BackupSource>;
  readonly engineOf: (type: EngineType) => Engine;
  /** Throws when that runtime can make no sandbox; without a name, the default one that can. */
  readonly chooseRuntime: (name: RuntimeName | undefined, signal: AbortSignal) => Promise<SandboxRuntime>;
  readonly mapImage: (name: string) => string;
  readonly describeDefinition: (drill: Drill) => string;
  readonly redact: (text: string) => string;
  readonly version: string;
}

export interface DrillRequest {
  readonly drill: Drill;
  /** Who or what asked: `by hand (alice)`, `schedule`. */
  readonly triggeredBy: string;
  readonly runtime: RuntimeName | undefined;
  /** How long the sandbox stays up afterwards for a person to look at; undefined: not at all. */
  readonly keepMs: number | undefined;
  readonly emit: EmitRunEvent;
  /** Aborted to give the run up (Ctrl-C): it ends as `interrupted`, and is torn down all the same. */
  readonly interrupt: AbortSignal;
}

/**
 * One drill, start to end: claim, locate, plan, provision, restore, verify, judge, tear down, record.
 * Whatever happens ends in the record that is returned; it throws only when not even the record could be written.
 *
 * @throws DrillError `store-failed` when the run could not be claimed (nothing was created) or recorded (everything was torn down).
 */
export async function runDrill(request: DrillRequest, services: DrillServices): Promise<RunRecord> {
  const run = await beginRun(request, services);
  let failure: DrillError | undefined;
  try {
    await recoverAndVerify(run, request, services);
  } catch (thrown) {
    failure = asDrillError(run.signal.aborted ? run.signal.reason : thrown);
  }
  const kept = failure === undefined || failure.code !== 'interrupted' ? request.keepMs : undefined;
  const leak = kept === undefined ? await teardown(run) : undefined;
  const record = await conclude(run, failure ?? leak, services);
  if (kept !== undefined) await keepSandbox(run, kept, request.interrupt, services);
  return record;
}

async function recoverAndVerify(run: Run, request: DrillRequest, services: DrillServices): Promise<void> {
  const { drill } = request;
  const { clock } = services;
  const { signal, stages } = run;
  const engine = services.engineOf(drill.engine.type);

  // Looking for an engine takes as long as looking for the backup: side by side. Its failure counts when it is needed.
  const runtimeFound = services.chooseRuntime(request.runtime ?? drill.sandbox.runtime, signal);
  runtimeFound.catch(() => undefined);

  const located = await stages.run('locate', signal, async () => {
    const source = run.defer((await services.openSource(drill.backup.source)) satisfies BackupSource);
    run.seen.source = source;
    const found = await locateBackup(source, drill.backup, clock.now(), signal);
    run.seen.backup = found.backup;
    for (const warning of found.warnings) run.warn(warning);
    const content = run.defer(await openContent(source, found.backup, signal));
    const backup = await engine.inspect(content, signal);
    run.seen.facts = backup.facts;
    const age = formatAge(clock.now().getTime() - found.backup.takenAt.getTime());
    const summary = `${found.backup.key}, ${formatBytes(found.backup.sizeBytes)}, taken ${age} ago`;
    return { value: { backup, content }, summary };
  });

  const runtime = await runtimeFound;
  const plan = makePlan({
    drill,
    backup: run.backup(),
    facts: located.backup.facts,
    imageName: engine.imageFor,
    mapImage: services.mapImage,
    runtime: runtime.name,
    baseline: run.baseline,
  });
  run.emit({ type: 'planned', plan });
  for (const warning of plan.warnings) run.warn(warning);
  // Pulling an image is no part of recovery time: it lies between two stages.
  run.seen.image = await runtime.ensureImage({ image: plan.image, server: plan.server }, signal);

  const provisioned = await stages.run('provision', signal, async () => {
    const value = await provision({ run, plan, runtime, engine, backup: located.backup, request });
    return { value, summary: `${engine.type} ${value.server.version} in ${run.seen.image?.name ?? plan.image}` };
  });

  const outcome = await stages.run('restore', signal, async () => {
    const value = await restore({ ...provisioned, run, plan, meter: located.content.meter, clock });
    return { value, summary: `${formatBytes(run.backup().sizeBytes)} into database ${value.database}` };
  });
  run.seen.load = outcome;

  await stages.run('verify', signal, async () => {
    await using session = await provisioned.server.openCheckSession(drill.engine.database ?? outcome.database, signal);
    const options = {
      takenAt: run.backup().takenAt,
      clock,
      signal,
      onCheck: run.checked,
      openSession: (database: string) => provisioned.server.openCheckSession(database, signal),
    };
    const checks = await runChecks(session, drill.checks, options);
    const passed = checks.filter((check) => check.passed).length;
    return { value: checks, summary: `${formatCount(passed)} of ${formatCount(checks.length)} checks passed` };
  });
}
