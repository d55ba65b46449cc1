import type { TransferMeter } from '../../backup/content.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { formatExactInstant } from '../../support/instants.ts';
import { toPrintable } from '../../support/printable.ts';
import { NO_VERSION } from '../../support/versions.ts';
import type { OpenBackup, ProvisionOptions, Restoration, RunOptions } from '../format.ts';
import { requireTools } from './require-tools.ts';
import { filesServer } from './restored/files-server.ts';
import type { FilesSite, RestoredTree } from './site.ts';

export interface FilesParts {
  /** Human-readable: `tar (gzip)`. */
  readonly format: string;
  /** Names the backup in errors. */
  readonly key: string;
  /** The program that wrote it: `restic`. */
  readonly tool: string;
  /** Programs that the sandbox must have. */
  readonly tools: readonly string[];
  readonly meter: TransferMeter;
  readonly readFiles?: OpenBackup['readFiles'];
  /** Whether the backup's own tool restores it from a copy in the sandbox. */
  readonly isRepository?: boolean;
  /** Restores everything into the site's directory. */
  restore(site: FilesSite): Promise<RestoredTree>;
}

/** The common part of all file formats for a run: no server boots, and checks see the restored folder. */
export function filesBackup(parts: FilesParts): OpenBackup {
  const { format, tool, readFiles } = parts;
  return {
    facts: {
      engine: 'files',
      format,
      serverVersion: NO_VERSION,
      dumpedBy: toPrintable(tool, 60),
      roles: [],
      database: undefined,
      tableCount: undefined,
    },
    needs: { major: NO_VERSION, extensions: [] },
    ...(readFiles && { readFiles }),
    provision: (sandbox, options) => provision(parts, sandbox, options),
  };
}

/** Required by checks, such as `sha256sum` and `find`. */
const FOR_CHECKS = ['sh', 'find', 'cat', 'sha256sum'];

async function provision(parts: FilesParts, sandbox: Sandbox, options: ProvisionOptions): Promise<Restoration> {
  await requireTools(sandbox, [...FOR_CHECKS, ...parts.tools], options.signal);
  return { run: (run) => restore(parts, sandbox, run) };
}

async function restore(parts: FilesParts, sandbox: Sandbox, options: RunOptions): ReturnType<Restoration['run']> {
  const { phases, onProgress, onLoaded, onBooted, signal } = options;
  const directory = `${sandbox.paths.data}/restored`;
  phases.enter('fetch');
  const restored = await parts.restore({
    sandbox,
    directory,
    onDoing: (doing, step, phase = 'unpack') =>
      onProgress({ bytesRead: parts.meter.bytesRead, doing, ratio: undefined, phase, ...(step && { step }) }),
    ...(options.snapshot && { snapshot: options.snapshot }),
    signal,
  });
  if (parts.isRepository) options.onAccess?.('repository staged in the sandbox');
  const server = filesServer({ sandbox, directory, key: parts.key, restored });
  onBooted(server);
  const { warnings, takenAt, summary } = restored;
  const outcome = {
    database: 'files',
    errorCount: 0,
    errors: [],
    ignoredCount: 0,
    warnings,
    ...(takenAt && { replayed: { summary: summary ?? formatExactInstant(takenAt), recoverableUntil: takenAt } }),
  };
  onLoaded(outcome);
  await server.seal(signal);
  return { server, outcome };
}
