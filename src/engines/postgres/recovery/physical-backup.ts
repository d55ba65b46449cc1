import type { TransferMeter } from '../../../backup/content.ts';
import type { RunOptions } from '../../format.ts';
import type { BackupLabel } from './backup-label.ts';
import type { RecoverySite } from './recovery-site.ts';
import type { UnpackListener } from './unpack-listener.ts';

/** A tablespace of the backup: its OID, and where it was on the backed-up server. */
export interface Tablespace {
  readonly oid: string;
  readonly location: string;
}

/** What was found in a data directory that was unpacked. */
export interface Unpacked {
  readonly warnings: readonly string[];
  /** Each file was compared with what the server sent. */
  readonly isVerified: boolean;
}

/** A backup of a server's files that has been opened: what its recovery has to know of it. */
export interface PhysicalBackup {
  /** Its key, for messages. */
  readonly key: string;
  readonly major: string;
  readonly label: Pick<BackupLabel, 'startLsn' | 'startSegment' | 'timeline'>;
  /** The files of a server that was shut down: they are whole without any of its log. Default: no. */
  readonly isStopped?: boolean;
  readonly meter: TransferMeter;
  /** What is wrong with the data by the backup's own account: each is an error of the restore, unless the drill allows it. */
  readonly flaws?: readonly string[];
  /** Tablespaces of a backup without a manifest that may lack their last tar, and with it the end of a table. Default: none. */
  readonly uncertainTablespaces?: readonly Tablespace[];
  /**
   * Writes the data directory, ready for a server to recover in it; see `prepareDirectory`.
   */
  unpack(
    site: RecoverySite,
    onDoing: UnpackListener,
    signal: AbortSignal,
    access: Pick<RunOptions, 'repositoryAccess' | 'onAccess'>,
  ): Promise<Unpacked>;
}
