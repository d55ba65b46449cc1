import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { readShort } from '../../../../support/read-start.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import { findStoredLog } from '../../log/stored-log.ts';
import { describePhysical } from '../../recovery/describe-physical.ts';
import { type BackupInfo, readBackupInfo } from './backup-info.ts';
import { findBarmanParts } from './barman-parts.ts';
import { DATA_TAR, isBarmanCloud, SERVER_PLACE } from './is-barman-cloud.ts';
import { provisionBarman } from './restore-barman.ts';

export const barmanFormat: BackupFormat = {
  recognise: (content) =>
    content.kind === 'directory' && isBarmanCloud(content) ? (signal) => openBarman(content, signal) : undefined,
};

/** Where barman-cloud-wal-archive writes: `SERVER/wals/`, next to the backups in `SERVER/base/`. */
export const LOG_PLACE = { backup: SERVER_PLACE, folder: 'wals/' };

/** Larger files are not the tool's. */
const MAX_INFO_BYTES = 2 ** 20;

async function openBarman(content: DirectoryContent, signal: AbortSignal): Promise<OpenBackup> {
  signal.throwIfAborted();
  const { key } = content.backup;
  const info = await readInfo(content, signal);
  refuseOfServer(content, info);
  refuseUnusable(key, info);
  const { version, label } = info;
  if (version === undefined || !label) {
    throw new DrillError(
      'backup-corrupt',
      `the backup.info of ${key} does not say ${version === undefined ? 'which version the server had' : 'where recovery begins'}`,
      { hint: 'Compare it with that of another backup: something other than barman-cloud-backup has changed it.' },
    );
  }
  const parts = findBarmanParts(content, info);
  const log = findStoredLog(key, content.inSource, LOG_PLACE);
  const packed = parts[0]?.compressedWith ?? /\.tar\.(\w+)$/.exec(parts[0]?.name ?? '')?.[1];
  const [major = ''] = version.split('.');
  return {
    ...describePhysical({
      format: `barman-cloud${packed === undefined ? '' : ` (${packed})`}`,
      serverVersion: version,
      dumpedBy: 'barman-cloud-backup',
      major,
    }),
    bringsLog: log !== undefined,
    ownLog: log,
    provision: (sandbox, options) => provisionBarman({ content, info, label, parts, log, major }, sandbox, options),
  };
}

async function readInfo(content: DirectoryContent, signal: AbortSignal): Promise<BackupInfo> {
  const { key } = content.backup;
  const bytes = await readShort(await content.streamUnwrapped('backup.info', signal), MAX_INFO_BYTES);
  const found = bytes && readBackupInfo(bytes.toString('utf8'));
  if (found) return found;
  throw new DrillError('backup-corrupt', `the backup.info of ${key} was not written by Barman`, {
    hint: 'Compare it with that of another backup: barman-cloud-backup writes a line such as status=DONE.',
  });
}

/** A Barman server has the same entry for a backup, and next to it the files themselves in `data/`, instead of tars. */
function refuseOfServer({ backup: { key }, members }: DirectoryContent, { serverMode }: BackupInfo): void {
  if (serverMode === undefined || [...members.keys()].some((name) => DATA_TAR.test(name))) return;
  throw new DrillError(
    'format-unsupported',
    `${key} is a backup in the catalog of a Barman server (${toPrintable(serverMode)}), whose layout Firedrill does not read`,
    {
      hint: 'Drill what `barman-cloud-backup` or `pg_basebackup --format=tar` takes of the same server, or let the drill run `barman recover` with `engine.type: exec`.',
    },
  );
}

function refuseUnusable(key: string, { status, error, parent, snapshots }: BackupInfo): void {
  if (status !== 'DONE') {
    const why = error === undefined ? '' : `: ${toPrintable(error.slice(0, 300))}`;
    throw new DrillError('backup-truncated', `${key} was not finished: its status is ${status}${why}`, {
      hint: 'Check the log of the job that runs barman-cloud-backup. The newest usable backup is an older one.',
    });
  }
  if (snapshots !== undefined) {
    throw new DrillError(
      'format-unsupported',
      `${key} consists of snapshots of disks (${toPrintable(snapshots)}), which are not in the bucket`,
      {
        hint: 'Drill a backup that barman-cloud-backup took without `--snapshot-instance`: it stores the files themselves.',
      },
    );
  }
  if (parent !== undefined) {
    throw new DrillError(
      'format-unsupported',
      `${key} is an incremental backup, based on ${toPrintable(parent)}: it holds only what changed`,
      { hint: 'Drill the full backup that it is based on, and let the log bring it up to date.' },
    );
  }
}
