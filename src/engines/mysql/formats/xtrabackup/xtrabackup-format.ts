import type { BackupContent, DirectoryContent } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import { DrillError } from '../../../../support/errors.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import type { Flavor } from '../../flavor.ts';
import { describePhysical } from '../../recovery/describe-physical.ts';
import { meterFromHere } from '../../recovery/meter-from-here.ts';
import { provisionPhysical } from '../../recovery/restore-physical.ts';
import {
  type BackupInfo,
  isInfoFile,
  MAX_INFO_BYTES,
  plainInfoName,
  readBackupInfo,
  readInfoText,
} from '../../xbstream/backup-info.ts';
import { readStreamInfo } from '../../xbstream/read-stream-info.ts';
import { readTarInfo } from '../../xbstream/read-tar-info.ts';
import { chosenStream } from '../../xbstream/stream-file.ts';
import { namesIn, xtrabackupShape } from './is-xtrabackup.ts';
import { type XtrabackupFiles, xtrabackupOf } from './restore-xtrabackup.ts';

const PACKED = /\.(?:zst|lz4|qp)$/;

/**
 * Backups by Percona XtraBackup, restored with the sandbox's own `xtrabackup`; one that is prepared and uncompressed does not need it. No test image has the
 * tool: this was tested with a stand-in, never with XtraBackup itself.
 */
export function xtrabackupFormat(flavor: Flavor): BackupFormat {
  return {
    recognise: (content) =>
      xtrabackupShape(content) === undefined ? undefined : (signal) => openXtrabackup(content, flavor, signal),
  };
}

async function openXtrabackup(content: BackupContent, flavor: Flavor, signal: AbortSignal): Promise<OpenBackup> {
  signal.throwIfAborted();
  const { key } = content.backup;
  const names = namesIn(content);
  if (names.some((name) => name.endsWith('.xbcrypt'))) throw encrypted(key);
  const files = filesOf(content);
  const info = await readInfo(files, signal);
  const meter = files.shape === 'tar' ? meterFromHere(content.meter) : content.meter;
  requireFull(key, info, flavor);
  const isPacked = names.some((name) => PACKED.test(name));
  const isPrepared = info?.checkpoints?.isPrepared === true && !isPacked;
  return {
    ...describePhysical(flavor, {
      format: `XtraBackup ${files.shape}${isPrepared ? ', prepared' : ''}${content.kind === 'object' ? describeLayers(content.layers) : ''}`,
      serverVersion: info?.serverVersion,
      dumpedBy: info?.tool ?? 'xtrabackup',
      logStart: info?.logStart,
    }),
    provision: (sandbox, options) =>
      provisionPhysical(flavor, xtrabackupOf(files, { key, info, meter, isPacked, isPrepared }), sandbox, options),
  };
}

function filesOf(content: BackupContent): XtrabackupFiles {
  if (content.kind === 'directory') return { shape: 'directory', content };
  if (xtrabackupShape(content) === 'stream') return { shape: 'stream', stream: chosenStream(content) };
  return { shape: 'tar', content };
}

/** @returns undefined if reading it would cost too much, or if qpress compressed the file that holds it. */
async function readInfo(files: XtrabackupFiles, signal: AbortSignal): Promise<BackupInfo | undefined> {
  if (files.shape === 'stream') return readStreamInfo(files.stream, signal);
  const { content } = files;
  const texts =
    files.shape === 'tar'
      ? await readTarInfo(chosenStream(files.content), signal)
      : await readFiles(files.content, signal);
  if (texts.has('xtrabackup_info')) return readBackupInfo(texts);
  if (namesIn(content).some((name) => name === 'xtrabackup_info.qp')) return undefined;
  throw new DrillError(
    'backup-truncated',
    `${content.backup.key} lacks xtrabackup_info, which XtraBackup writes last`,
    {
      hint: 'It was not finished, or not all of it was uploaded: check the job that writes it.',
    },
  );
}

async function readFiles(content: DirectoryContent, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const [name, { sizeBytes }] of content.members) {
    const plain = plainInfoName(name);
    if (isInfoFile(plain) && sizeBytes <= MAX_INFO_BYTES)
      texts.set(plain, await readInfoText(await content.streamUnwrapped(name, signal)));
  }
  return texts;
}

function requireFull(key: string, info: BackupInfo | undefined, flavor: Flavor): void {
  if (info?.isMariadb === true) {
    throw new DrillError(
      'engine-mismatch',
      `${key} is a backup of MariaDB ${info.serverVersion ?? ''} by ${info.tool ?? 'mariadb-backup'}, and the drill restores ${flavor.title}`,
      { hint: 'Set `engine: { type: mariadb }`: MySQL does not read the files of MariaDB.' },
    );
  }
  if (info?.checkpoints?.isIncremental !== true) return;
  throw new DrillError('format-unsupported', `${key} is an increment by XtraBackup, which Firedrill does not restore`, {
    hint: 'Set `backup.match` to select the full backups.',
  });
}

function encrypted(key: string): DrillError {
  return new DrillError(
    'format-unsupported',
    `${key} was encrypted by XtraBackup (\`--encrypt\`), which Firedrill does not read`,
    {
      hint: 'Encrypt the stream with age, OpenPGP or `openssl enc` instead, and name the key in `backup.keys`.',
    },
  );
}
