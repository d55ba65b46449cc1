import type { Engine, EngineBackup, Server, StagedBackup } from '../engines/engine.ts';
import type { Plan } from '../plan/plan.ts';
import type { Sandbox, SandboxRuntime } from '../sandbox/sandbox.ts';
import { asDrillError } from '../support/errors.ts';
import type { Run } from './claimed-run.ts';
import type { DrillRequest } from './contract.ts';
import type { Phases } from './stage-phases.ts';

export interface Provisioned {
  readonly sandbox: Sandbox;
  readonly server: Server;
  /** Transfer of the backup, started once the sandbox was up; awaited by `restore`. */
  readonly staging: Promise<StagedBackup>;
}

/**
 * Starts the sandbox, checks before boot that it can load this backup, then boots the server while the backup is already being
 * transferred. The sandbox is registered with the run as soon as it exists, so that teardown always finds it.
 */
export async function provision(options: {
  readonly run: Run;
  readonly phases: Phases;
  readonly plan: Plan;
  readonly runtime: SandboxRuntime;
  readonly engine: Engine;
  readonly backup: EngineBackup;
  readonly request: DrillRequest;
}): Promise<Provisioned> {
  const { run, phases, plan, runtime, engine, backup } = options;
  const { signal } = run;
  const starting = runtime.start(
    {
      runId: run.claimed.id,
      drill: run.drill.name,
      owner: run.owner,
      leaseExpiresAt: run.sandboxLeaseExpiresAt(),
      image: plan.image,
      server: { engine: plan.engine.type, major: plan.engine.major },
      memoryBytes: plan.sandbox.memoryBytes,
      cpus: plan.sandbox.cpus,
      pids: plan.sandbox.pids,
      storage: plan.sandbox.storage,
    },
    signal,
  );
  run.state.starting = starting;
  const sandbox = await starting;
  run.state.sandbox = sandbox;
  const onGone = () => run.abort(asDrillError(sandbox.gone.reason));
  sandbox.gone.addEventListener('abort', onGone, { once: true });
  if (sandbox.gone.aborted) onGone();
  run.log.add('info', `sandbox ${sandbox.id} (${sandbox.runtime}): ${sandbox.isolation.sentence}`);
  if (sandbox.isolation.network === 'open') run.warn(`the sandbox is not cut off: ${sandbox.isolation.sentence}`);
  await backup.checkCompatibility(sandbox, signal);
  const staging = phases.beside('fetch', backup.stage(sandbox, signal));
  // The restore awaits it and handles a failure; this only keeps the rejection from being unhandled.
  staging.catch(() => undefined);
  phases.enter('boot');
  const server = await engine.boot(sandbox, {
    durability: plan.sandbox.durability,
    memoryBytes: plan.sandbox.memoryBytes,
    cpus: plan.sandbox.cpus,
    preload: run.drill.engine.preload,
    settings: run.drill.engine.settings,
    signal,
  });
  run.state.server = server;
  return { sandbox, server, staging };
}
