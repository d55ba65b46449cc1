import type { BackupContent } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import { describePhysical } from '../../recovery/describe-physical.ts';
import type { OpenedBaseBackup } from './backup-parts.ts';
import { findChain } from './find-chain.ts';
import { isBaseBackup } from './is-base-backup.ts';
import { readBaseBackup } from './read-base-backup.ts';
import { provisionBaseBackup } from './restore-base-backup.ts';

export const baseBackupFormat: BackupFormat = {
  recognise: (content) => (isBaseBackup(content) ? (signal) => openBaseBackup(content, signal) : undefined),
};

async function openBaseBackup(content: BackupContent, signal: AbortSignal): Promise<OpenBackup> {
  signal.throwIfAborted();
  const opened = await readBaseBackup(content, signal);
  const chain = await findChain(opened, signal);
  const { major } = opened;
  return {
    ...describePhysical({
      format: describeFormat(opened, chain),
      serverVersion: major,
      dumpedBy: opened.isStopped ? 'a copy of the files' : 'pg_basebackup',
      major,
    }),
    ...(chain.length === 1 ? {} : { readFiles: chain.flatMap(({ content: { backup } }) => backup.objects) }),
    provision: (sandbox, options) => provisionBaseBackup(chain, sandbox, options),
  };
}

/** `pg_basebackup tar (zstd), 2 increments on full/` */
function describeFormat(
  { content, parts, isStopped }: OpenedBaseBackup,
  [full, ...increments]: readonly OpenedBaseBackup[],
): string {
  if (isStopped) return `files of a stopped server, ${parts ? 'tar' : 'directory'}${describePacking(content, parts)}`;
  const how = `pg_basebackup ${parts ? 'tar' : 'directory'}${describePacking(content, parts)}`;
  if (!full || increments.length === 0) return how;
  const count = increments.length === 1 ? 'an increment' : `${increments.length} increments`;
  return `${how}, ${count} on ${full.content.backup.key}`;
}

function describePacking(content: BackupContent, parts: OpenedBaseBackup['parts']): string {
  if (content.kind === 'object') return describeLayers(content.layers);
  const packed = parts?.find(({ into }) => into === 'data')?.compressedWith;
  return packed === undefined ? '' : ` (${packed})`;
}
