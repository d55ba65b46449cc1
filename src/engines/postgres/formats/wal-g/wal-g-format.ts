import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { readShort } from '../../../../support/read-start.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import { findStoredLog, type StoredLogPlace } from '../../log/stored-log.ts';
import { describePhysical } from '../../recovery/describe-physical.ts';
import { BACKUP_NAME, isWalG, SERVER_PLACE, TAR_PARTITION } from './is-wal-g.ts';
import { provisionWalG } from './restore-wal-g.ts';
import { readMetadata, readSentinel, readTarNames, type WalGInfo } from './wal-g-info.ts';
import { findWalGParts, lacks } from './wal-g-parts.ts';

export const walGFormat: BackupFormat = {
  recognise: (content) =>
    content.kind === 'directory' && isWalG(content) ? (signal) => openWalG(content, signal) : undefined,
};

/** Larger files are not the tool's. */
const MAX_METADATA_BYTES = 2 ** 20;
/** A list of every file can have a gigabyte, and be smaller than this when compressed: then only the numbers of the tars show whether one is missing. */
const MAX_LIST_BYTES = 32 * 2 ** 20;

async function openWalG(content: DirectoryContent, signal: AbortSignal): Promise<OpenBackup> {
  signal.throwIfAborted();
  const { key } = content.backup;
  const info = await readInfo(content, signal);
  refuseDelta(key, await readDelta(content, signal));
  const parts = await findWalGParts(content, signal);
  await requireListed(content, signal);
  const log = findStoredLog(key, content.inSource, { ...LOG_PLACE, unpack: unpackSegment(content) });
  const [major = ''] = info.version.split('.');
  const packed = TAR_PARTITION.exec(parts[0]?.name ?? '')?.[2] || 'not compressed';
  return {
    ...describePhysical({
      format: `WAL-G (${packed})`,
      serverVersion: info.version,
      dumpedBy: 'wal-g',
      major,
    }),
    bringsLog: log !== undefined,
    ownLog: log,
    provision: (sandbox, options) => provisionWalG({ content, info, parts, log, major }, sandbox, options),
  };
}

async function readInfo(content: DirectoryContent, signal: AbortSignal): Promise<WalGInfo> {
  const { key } = content.backup;
  const info = readMetadata(await readSmall(content, 'metadata.json', MAX_METADATA_BYTES, signal), key);
  if (info) return info;
  throw new DrillError('backup-corrupt', `the metadata.json of ${key} was not written by WAL-G`, {
    hint: 'Compare it with that of another backup: WAL-G writes start_lsn and pg_version in it. The directory is named base_ followed by the name of a segment.',
  });
}

/** @returns the backup that this one builds on; undefined for a full one. */
async function readDelta(content: DirectoryContent, signal: AbortSignal): Promise<string | undefined> {
  const { inSource, backup } = content;
  if (BACKUP_NAME.exec(backup.key)?.[2]) return 'another one';
  if (!inSource) return undefined;
  const name = `${backup.key.slice(0, -1)}_backup_stop_sentinel.json`;
  const file = inSource.files.find(({ key }) => key === name);
  if (!file) throw lacks(backup.key, `its sentinel ${name}, which is written last`);
  const bytes = await readShort(await inSource.streamUnwrapped(file, signal), MAX_METADATA_BYTES);
  const sentinel = bytes && readSentinel(bytes.toString('utf8'));
  if (!sentinel) {
    throw new DrillError('backup-corrupt', `${name} is not a WAL-G sentinel`, {
      hint: 'Compare it with that of another backup; it says that the backup was finished.',
    });
  }
  return sentinel.deltaFrom;
}

function refuseDelta(key: string, deltaFrom: string | undefined): void {
  if (deltaFrom === undefined) return;
  throw new DrillError(
    'format-unsupported',
    `${key} is a delta backup, based on ${toPrintable(deltaFrom)}: it holds only what changed, and WAL-G alone can apply it`,
    { hint: "Drill full backups, and let the log bring them up to date: `match: 'basebackups_005/!(*_D_*)'`." },
  );
}

/** Every tar in the list of files must exist: a server would start without some of its tables. */
async function requireListed(content: DirectoryContent, signal: AbortSignal): Promise<void> {
  const listed = content.members.get('files_metadata.json');
  if (!listed || listed.sizeBytes > MAX_LIST_BYTES) return;
  for (const tar of readTarNames(await readSmall(content, 'files_metadata.json', MAX_LIST_BYTES, signal))) {
    if (!content.members.has(`tar_partitions/${tar}`))
      throw lacks(content.backup.key, `tar_partitions/${toPrintable(tar)}`);
  }
}

async function readSmall(content: DirectoryContent, name: string, most: number, signal: AbortSignal): Promise<string> {
  const bytes = await readShort(await content.streamUnwrapped(name, signal), most);
  return bytes?.toString('utf8') ?? '';
}

/** Where `wal-g wal-push` writes. */
const LOG_PLACE: StoredLogPlace = { backup: SERVER_PLACE, folder: 'wal_005/' };

/** Brotli has no magic bytes by which it could be recognised. */
function unpackSegment({ decompress }: DirectoryContent): NonNullable<StoredLogPlace['unpack']> {
  return ({ key }, stored) => (key.endsWith('.br') ? decompress('brotli', stored, key) : stored);
}
