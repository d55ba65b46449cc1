import type { Engine } from '../../engines/engine-descriptor.ts';
import { asDrillError } from '../../support/errors.ts';
import { openContent } from '../reading/open-content.ts';
import type { Candidate } from '../selection/candidates.ts';
import type { BackupSource } from '../source.ts';

/** What a backup is by its content, without any key. */
export interface Recognised {
  readonly kind: 'backup' | 'encrypted' | 'unreadable' | 'no-backup';
  readonly engine: string | undefined;
  /** `pg_dump custom archive`, `encrypted`, `backup-truncated: …` */
  readonly what: string;
}

/** Reads the beginning of a backup and asks the engines what it is. Problems are returned. @throws the reason of the signal. */
export async function recognise(
  source: BackupSource,
  candidate: Candidate,
  engines: readonly Engine[],
  signal: AbortSignal,
): Promise<Recognised> {
  if (candidate.lacks !== undefined)
    return { kind: 'unreadable', engine: undefined, what: `incomplete: ${candidate.lacks} is missing` };
  const { kind, key, objects, sizeBytes, modifiedAt: takenAt } = candidate;
  const backup = { kind, key, objects, sizeBytes, takenAt, takenAtFrom: 'modified' } as const;
  let found: Recognised | undefined;
  for (const engine of engines) {
    try {
      const archives = {
        member: undefined,
        layouts: engine.layouts,
        isFormat: (first: Buffer) => engine.isTarFormat(first),
      };
      const content = await openContent(source, backup, signal, undefined, archives);
      try {
        const { facts } = await engine.inspect(content, signal);
        return { kind: 'backup', engine: facts.engine, what: facts.format };
      } finally {
        content.close();
      }
    } catch (thrown) {
      signal.throwIfAborted();
      const { code, message } = asDrillError(thrown, 'locate');
      if (code === 'backup-encrypted') {
        const how = / is encrypted with (.+)$/.exec(message)?.[1];
        return { kind: 'encrypted', engine: undefined, what: how === undefined ? 'encrypted' : `encrypted (${how})` };
      }
      if (code === 'engine-mismatch') continue;
      if (code === 'backup-unrecognised') found ??= { kind: 'no-backup', engine: undefined, what: 'not a backup' };
      else if (found?.kind !== 'unreadable') found = { kind: 'unreadable', engine: undefined, what: code };
    }
  }
  return found ?? { kind: 'no-backup', engine: undefined, what: 'not a backup' };
}
