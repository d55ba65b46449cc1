import type { TransferMeter } from '../../../backup/content.ts';
import type { RunOptions } from '../../format.ts';
import type { BackupLabel } from './backup-label.ts';
import type { RecoverySite } from './recovery-site.ts';
import type { UnpackListener } from './unpack-listener.ts';

/** A tablespace of the backup: its OID, and its location on the backed-up server. */
export interface Tablespace {
  readonly oid: string;
  readonly location: string;
}

/** Findings about an unpacked data directory. */
export interface Unpacked {
  readonly warnings: readonly string[];
  /** Whether each file was compared with what the server sent. */
  readonly isVerified: boolean;
}

/** An opened backup of a server's files, with everything that its recovery needs to know. */
export interface PhysicalBackup {
  /** Its key, for messages. */
  readonly key: string;
  readonly major: string;
  readonly label: Pick<BackupLabel, 'startLsn' | 'startSegment' | 'timeline'>;
  /** Whether the files are of a server that was shut down: they are consistent without any log. Default: no. */
  readonly isStopped?: boolean;
  readonly meter: TransferMeter;
  /** What is wrong with the data according to the backup itself: each is an error of the restore, unless the drill allows it. */
  readonly flaws?: readonly string[];
  /** Tablespaces of a backup without a manifest whose last tar, and with it the end of a table, may be missing. Default: none. */
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
