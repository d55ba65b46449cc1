import type { BackupContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { readBackupLabel } from '../../recovery/backup-label.ts';
import type { BackupPart } from '../../recovery/backup-part.ts';
import { lacksTablespace, readTablespaceMap } from '../../recovery/prepare-directory.ts';
import { findParts, type OpenedBaseBackup } from './backup-parts.ts';
import {
  type FirstFiles,
  isEnough,
  readControl,
  readFirstFile,
  readFirstFiles,
  readFirstFilesIn,
} from './first-files.ts';

/**
 * Reads the first files of a base backup.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, and what reading throws.
 */
export async function readBaseBackup(content: BackupContent, signal: AbortSignal): Promise<OpenedBaseBackup> {
  const { key } = content.backup;
  const parts = findParts(content);
  requireFinished(content, parts);
  const first = await firstFilesOf(content, parts, signal);
  const { label: labelText, major, startPoint, isInFolder = false, tablespaceMap = '' } = first;
  const label = labelText === undefined ? undefined : readBackupLabel(labelText);
  if (labelText !== undefined && !label) throw badLabel(content);
  const start = label ?? (typeof startPoint === 'object' && { ...startPoint, startedAt: '', basedOn: undefined });
  if (!start) throw startPoint === 'running' ? notShutDown(content) : noStart(content);
  if (major === undefined || !/^\d{2}$/.test(major)) {
    throw new DrillError('backup-truncated', `${key} ends before its PG_VERSION, which names the server’s version`, {
      hint: 'Compare its size with what was written, and take a new backup.',
    });
  }
  if (content.kind !== 'object' && parts) requireTablespaces(key, parts, tablespaceMap);
  const placed = isInFolder ? parts?.map((part) => ({ ...part, isInFolder })) : parts;
  return { content, parts: placed, label: start, isStopped: label === undefined, major };
}

/** Without it, recovery would begin somewhere else, and make a state that never existed. */
function badLabel({ backup: { key } }: BackupContent): DrillError {
  return new DrillError('backup-corrupt', `the backup_label of ${key} does not say where recovery begins`, {
    hint: 'It is damaged, or is not what the server wrote: check the storage, and take a new backup.',
  });
}

/** Whatever a server does to its files meanwhile, only a label records which changes must be replayed. */
function notShutDown({ backup: { key } }: BackupContent): DrillError {
  return new DrillError('backup-corrupt', `${key} has no backup_label, and its server was not shut down`, {
    hint: 'Files that were copied one after another from a running server are from different moments, and recovery would produce a state that never existed: take backups with pg_basebackup, or copy the files of a stopped server.',
  });
}

function noStart({ backup: { key } }: BackupContent): DrillError {
  return new DrillError('backup-corrupt', `${key} has no backup_label and no readable global/pg_control`, {
    hint: 'One of them has to say where recovery begins. Compare its size with what was written, and take a new backup.',
  });
}

/** Otherwise the missing one would be found only after everything else was unpacked. */
function requireTablespaces(key: string, parts: readonly BackupPart[], map: string): void {
  const there = new Set(parts.flatMap(({ into }) => (typeof into === 'object' ? [into.tablespace] : [])));
  const missing = readTablespaceMap(map).find(({ oid }) => !there.has(oid));
  if (missing) throw lacksTablespace(key, missing);
}

function requireFinished(content: BackupContent, parts: readonly BackupPart[] | undefined): void {
  if (content.kind === 'object') return;
  const { key } = content.backup;
  const hint = 'It was not finished, or not all of it was uploaded: check the job that writes it.';
  if (content.members.has('backup_manifest.tmp')) {
    throw new DrillError(
      'backup-truncated',
      `${key} has a backup_manifest.tmp, which pg_basebackup renames once it is done`,
      { hint },
    );
  }
  if (parts) return;
  for (const name of ['PG_VERSION', 'global/pg_control']) {
    if (!content.members.has(name)) throw new DrillError('backup-truncated', `${key} lacks ${name}`, { hint });
  }
}

async function firstFilesOf(
  content: BackupContent,
  parts: readonly BackupPart[] | undefined,
  signal: AbortSignal,
): Promise<Partial<FirstFiles>> {
  if (content.kind === 'object') {
    const found = await readFirstFilesIn(content.head);
    if (isEnough(found)) return found;
    return readFirstFiles(content.stream(signal));
  }
  const base = parts?.find(({ into }) => into === 'data');
  if (base) return readFirstFiles(await base.open(signal));
  const read = async (name: string) => readFirstFile(await content.streamUnwrapped(name, signal));
  const major = await read('PG_VERSION');
  if (content.members.has('backup_label')) return { label: await read('backup_label'), major };
  const startPoint = await readControl(await content.streamUnwrapped('global/pg_control', signal));
  return startPoint === undefined ? { major } : { major, startPoint };
}
