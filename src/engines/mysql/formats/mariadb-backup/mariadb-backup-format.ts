import type { BackupContent, ListedFile } from '../../../../backup/content.ts';
import type { KeyRing } from '../../../../backup/layer.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import { DrillError } from '../../../../support/errors.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import type { Flavor } from '../../flavor.ts';
import { describePhysical } from '../../recovery/describe-physical.ts';
import { encryptedFiles } from '../../recovery/encrypted-files.ts';
import { readKeyFiles } from '../../recovery/key-files.ts';
import { meterFromHere } from '../../recovery/meter-from-here.ts';
import { provisionPhysical } from '../../recovery/restore-physical.ts';
import { type Chain, findChain } from './find-chain.ts';
import { shapeOf } from './is-mariadb-backup.ts';
import { type OpenedMariadbBackup, openMariadbBackup } from './opened-backup.ts';
import { mariadbBackupOf } from './restore-mariadb-backup.ts';

export function mariadbBackupFormat(flavor: Flavor): BackupFormat {
  return {
    recognise: (content) =>
      shapeOf(content) === undefined ? undefined : (signal) => openBackup(content, flavor, signal),
  };
}

async function openBackup(content: BackupContent, flavor: Flavor, signal: AbortSignal): Promise<OpenBackup> {
  const opened = await openMariadbBackup(content, signal);
  requireMariadb(opened);
  await requireReadable(opened, content.inSource?.keys);
  const chain = await findChain(opened, content, signal);
  const meter = chain.some(isReadOnce) ? meterFromHere(content.meter) : content.meter;
  const { info } = opened;
  return {
    ...describePhysical(flavor, {
      format: describeFormat(opened, chain, content),
      serverVersion: info?.serverVersion,
      dumpedBy: info?.tool ?? 'mariadb-backup',
      logStart: info?.logStart,
    }),
    ...(chain.length === 1 ? {} : { readFiles: chain.flatMap(({ files }) => filesOf(files)) }),
    provision: (sandbox, options) =>
      provisionPhysical(flavor, mariadbBackupOf(chain, meter, content.inSource?.keys), sandbox, options),
  };
}

function filesOf(files: OpenedMariadbBackup['files']): readonly ListedFile[] {
  if (files.shape === 'directory') return files.content.backup.objects;
  const { key, sizeBytes } = files.shape === 'stream' ? files.stream : files.tar;
  return [{ key, sizeBytes }];
}

/** Whether opening has read all of it: a tar, or a stream whose end holds its metadata. */
function isReadOnce({ files }: OpenedMariadbBackup): boolean {
  return files.shape !== 'directory' && !(files.shape === 'stream' && files.stream.tail);
}

function requireMariadb({ key, info }: OpenedMariadbBackup): void {
  if (info?.isMariadb !== false) return;
  throw new DrillError(
    'engine-mismatch',
    `${key} is a backup of MySQL ${info.serverVersion ?? ''} by ${info.tool ?? 'XtraBackup'}`,
    {
      hint: 'Set `engine: { type: mysql }`: MariaDB does not read the files of MySQL.',
    },
  );
}

/** Checked when the backup is opened, if that reveals enough: it needs no sandbox. */
async function requireReadable({ key, info }: OpenedMariadbBackup, keys: KeyRing | undefined): Promise<void> {
  if (!info?.hasEncryptedLog || (await readKeyFiles(keys)).length > 0) return;
  throw encryptedFiles(key, 'the server encrypts its log (innodb_encrypt_log)');
}

/** `mariadb-backup stream (zstd), 2 increments on full/` */
function describeFormat({ files }: OpenedMariadbBackup, [full, ...increments]: Chain, content: BackupContent): string {
  const packing = content.kind === 'object' ? describeLayers(content.layers) : packingOf(files);
  const how = `mariadb-backup ${files.shape}${packing}`;
  if (increments.length === 0) return full.info?.checkpoints?.isIncremental ? `${how}, an increment` : how;
  const count = increments.length === 1 ? 'an increment' : `${increments.length} increments`;
  return `${how}, ${count} on ${full.key}`;
}

function packingOf(files: OpenedMariadbBackup['files']): string {
  return files.shape === 'stream' && files.stream.compressedWith !== undefined
    ? ` (${files.stream.compressedWith})`
    : '';
}
