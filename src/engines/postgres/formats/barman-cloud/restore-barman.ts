import type { DirectoryContent } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import type { LogArchive, ProvisionOptions, Restoration } from '../../../format.ts';
import { withStoredLog } from '../../log/stored-log.ts';
import type { BackupPart } from '../../recovery/backup-part.ts';
import type { PhysicalBackup } from '../../recovery/physical-backup.ts';
import { provisionPhysical } from '../../recovery/restore-physical.ts';
import { unpackTars } from '../../recovery/unpack-tars.ts';
import type { BackupInfo } from './backup-info.ts';
import { findUncertainTablespaces } from './barman-parts.ts';

export interface OpenedBarman {
  readonly content: DirectoryContent;
  readonly info: BackupInfo;
  readonly label: NonNullable<BackupInfo['label']>;
  readonly parts: readonly BackupPart[];
  /** The log stored with the server's backups. */
  readonly log: LogArchive | undefined;
  readonly major: string;
}

/** Checks the sandbox's server. A log named by the drill replaces the one stored with the backup. */
export async function provisionBarman(
  { content, info, label, parts, log, major }: OpenedBarman,
  sandbox: Sandbox,
  options: ProvisionOptions,
): Promise<Restoration> {
  const { tablespaces, endSegment } = info;
  const { key } = content.backup;
  const backup: PhysicalBackup = {
    key,
    major,
    label,
    meter: content.meter,
    uncertainTablespaces: findUncertainTablespaces(content, parts, info),
    unpack: (site, onDoing, signal) => unpackTars({ key, parts, tablespaces }, site, onDoing, signal),
  };
  return withStoredLog(await provisionPhysical(backup, sandbox, options), log, endSegment);
}
