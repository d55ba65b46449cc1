import type { EngineSpec } from '../config/drill-file.ts';
import type { Engine, EngineBackup, Server, StagedBackup } from '../engines/engine.ts';
import type { Plan } from '../plan/plan.ts';
import type { Sandbox, SandboxRequest, SandboxRuntime } from '../sandbox/sandbox.ts';
import type { StageContext } from './contract.ts';

export interface ProvisionInput {
  /** What identifies the sandbox as this run's. */
  readonly owned: Pick<SandboxRequest, 'runId' | 'drill' | 'owner' | 'leaseExpiresAt'>;
  readonly plan: Plan;
  readonly settings: Pick<EngineSpec, 'preload' | 'settings'>;
  readonly runtime: SandboxRuntime;
  readonly engine: Engine;
  readonly backup: EngineBackup;
  /** Receives the sandbox before it is up, and must dispose of it. */
  readonly onStarting: (starting: Promise<Sandbox>) => void;
}

export interface Provisioned {
  readonly sandbox: Sandbox;
  readonly server: Server;
  /** Transfer of the backup, started once the sandbox was up; awaited by `restore`. */
  readonly staging: Promise<StagedBackup>;
}

/**
 * Starts the sandbox, checks before boot that it can load this backup, then boots the server while the backup is already being
 * transferred.
 */
export async function provision(
  { owned, plan, settings, runtime, engine, backup, onStarting }: ProvisionInput,
  { signal, emit, phases }: StageContext,
): Promise<Provisioned> {
  const starting = runtime.start(toRequest(plan, owned), signal);
  onStarting(starting);
  const sandbox = await starting;
  const { isolation } = sandbox;
  if (isolation.network === 'open')
    emit({ type: 'warning', message: `the sandbox is not cut off: ${isolation.sentence}` });
  await backup.checkCompatibility(sandbox, signal);
  const staging = phases.beside('fetch', backup.stage(sandbox, signal));
  // The restore awaits it and handles a failure; this only keeps the rejection from being unhandled.
  staging.catch(() => undefined);
  phases.enter('boot');
  const server = await engine.boot(sandbox, {
    durability: plan.sandbox.durability,
    memoryBytes: plan.sandbox.memoryBytes,
    cpus: plan.sandbox.cpus,
    preload: settings.preload,
    settings: settings.settings,
    signal,
  });
  emit({ type: 'server-started', version: server.version });
  return { sandbox, server, staging };
}

function toRequest({ image, engine, sandbox }: Plan, owned: ProvisionInput['owned']): SandboxRequest {
  const { memoryBytes, cpus, pids, storage } = sandbox;
  return { ...owned, image, server: { engine: engine.type, major: engine.major }, memoryBytes, cpus, pids, storage };
}
