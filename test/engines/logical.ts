import type { BackupContent } from '../../src/backup/content.ts';
import type { Engine } from '../../src/engines/engine-descriptor.ts';
import type { Phases } from '../../src/engines/format.ts';
import type { LogicalBackup } from '../../src/engines/logical-backup.ts';

/** The backup with the steps of its restore, for tests that load several into one server. */
export async function inspectLogical(engine: Engine, content: BackupContent): Promise<LogicalBackup> {
  const backup = await engine.inspect(content, new AbortController().signal);
  if (!('stage' in backup)) throw new Error('the backup is not loaded into a running server');
  return backup as LogicalBackup;
}

/** Phases that measure nothing. */
export const NO_PHASES: Phases = { enter: () => undefined, beside: (_name, work) => work, count: () => undefined };
