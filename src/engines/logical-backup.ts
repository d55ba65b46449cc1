import type { TransferMeter } from '../backup/content.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { BootOptions, LoadOptions, LoadOutcome, Server } from './engine.ts';
import type { BackupFacts, OpenBackup, ProvisionOptions, Restoration, RunOptions, ServerNeeds } from './format.ts';

/** What a format must implement to restore a backup of statements or rows into a server that has been booted empty. */
export interface LogicalParts {
  readonly facts: BackupFacts;
  readonly needs: ServerNeeds;
  readonly meter: TransferMeter;
  /** Throws `extension-missing`, `version-unsupported`, `tool-missing` if the sandbox's server and tools cannot load this backup. Fast. */
  checkCompatibility(sandbox: Sandbox, signal: AbortSignal): Promise<void>;
  boot(sandbox: Sandbox, options: BootOptions): Promise<Server>;
  /** Copies into the sandbox what must be there before loading can begin; runs in parallel with the boot. */
  stage(sandbox: Sandbox, signal: AbortSignal): Promise<StagedBackup>;
}

export interface StagedBackup {
  /** Loads everything; returns and throws like {@link Restoration.run}. */
  load(server: Server, options: LoadOptions & Pick<RunOptions, 'recovery'>): Promise<LoadOutcome>;
}

export type LogicalBackup = LogicalParts & OpenBackup;

/** A backup that is loaded into an empty server: the server boots while the backup is fetched, and is sealed once everything is loaded. */
export function logicalBackup(parts: LogicalParts): LogicalBackup {
  return { ...parts, isLogical: true, provision: (sandbox, options) => provision(parts, sandbox, options) };
}

async function provision(
  backup: LogicalParts,
  sandbox: Sandbox,
  { boot, phases, onBooted, signal }: ProvisionOptions,
): Promise<Restoration> {
  await backup.checkCompatibility(sandbox, signal);
  const staging = phases.beside('fetch', backup.stage(sandbox, signal));
  // `run` awaits it and handles a failure; this only keeps the rejection from being unhandled.
  staging.catch(() => undefined);
  phases.enter('boot');
  const server = await backup.boot(sandbox, { ...boot, signal });
  onBooted(server);
  return {
    run: async (options) => {
      options.phases.enter('fetch');
      const staged = await staging;
      options.phases.enter('load');
      const outcome = await staged.load(server, options);
      options.onLoaded(outcome);
      const onPart = (doing: string, ratio: number | undefined) =>
        options.onProgress({ bytesRead: backup.meter.bytesRead, doing, ratio, phase: 'seal' });
      onPart('sealing', undefined);
      await server.seal(options.signal, onPart);
      return { server, outcome };
    },
  };
}
