import type { EngineSpec } from '../config/drill-file.ts';
import type { Server } from '../engines/engine.ts';
import type { Engine } from '../engines/engine-descriptor.ts';
import type { OpenBackup, Restoration } from '../engines/format.ts';
import type { Plan } from '../plan/plan.ts';
import type { Sandbox, SandboxRequest, SandboxRuntime } from '../sandbox/sandbox.ts';
import type { StageContext } from './contract.ts';
import { wantedBy } from './pull-image.ts';

export interface ProvisionInput {
  /** Identifies the sandbox as this run's. */
  readonly owned: Pick<SandboxRequest, 'runId' | 'drill' | 'owner' | 'leaseExpiresAt'>;
  readonly plan: Plan;
  readonly settings: Pick<EngineSpec, 'preload' | 'settings'>;
  readonly runtime: SandboxRuntime;
  readonly engine: Engine;
  readonly backup: OpenBackup;
  /** Receives the sandbox before it is up, and must dispose of it. */
  readonly onStarting: (starting: Promise<Sandbox>) => void;
  readonly onBooted: (server: Server) => void;
}

/** Starts the sandbox and lets the backup's format prepare it: most boot their server here while the backup is already being transferred. */
export async function provision(
  { owned, plan, settings, runtime, engine, backup, onStarting, onBooted }: ProvisionInput,
  { signal, emit, phases }: StageContext,
): Promise<Restoration> {
  const starting = runtime.start(toRequest(plan, engine, owned), signal);
  onStarting(starting);
  const sandbox = await starting;
  const { isolation } = sandbox;
  if (isolation.network === 'open')
    emit({ type: 'warning', message: `the sandbox is not isolated: ${isolation.sentence}` });
  const { durability, memoryBytes, cpus } = plan.sandbox;
  return backup.provision(sandbox, {
    boot: { durability, memoryBytes, cpus, preload: settings.preload, settings: settings.settings },
    phases,
    onBooted: (server) => {
      emit({ type: 'server-started', version: server.version });
      onBooted(server);
    },
    signal,
  });
}

function toRequest(plan: Plan, { serverUser }: Engine, owned: ProvisionInput['owned']): SandboxRequest {
  const { memoryBytes, cpus, pids, storage } = plan.sandbox;
  return {
    ...owned,
    ...wantedBy(plan),
    serverUser,
    memoryBytes,
    cpus,
    pids,
    storage,
    ...(plan.network && { network: plan.network }),
  };
}
