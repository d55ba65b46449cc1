import type { TransferMeter } from '../../../backup/content.ts';
import type { LogHead } from '../log/start-coordinates.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import type { GivenKeys } from './encrypted-files.ts';
import type { LogStart } from './log-start.ts';
import type { RecoverySite } from './recovery-site.ts';

/** A backup of a server's files that has been opened: what its recovery has to know of it. */
export interface PhysicalBackup {
  /** Its key, for messages. */
  readonly key: string;
  /** What it is, with its article, for messages: `a backup by mariadb-backup`. */
  readonly what: string;
  /** Of the backed-up server: `11.8.3`. Undefined: not known before it is unpacked; what unpacks it then compares the series. */
  readonly serverVersion: string | undefined;
  readonly meter: TransferMeter;
  /** Throws DrillError `tool-missing` where the sandbox lacks a program that unpacking needs. Fast. */
  checkTools?(site: RecoverySite, signal: AbortSignal): Promise<void>;
  /**
   * Writes a data directory that a server starts on into `sandbox.paths.data`, which is empty.
   * @param onDoing with the share of it that is done, where the bytes read do not tell.
   */
  unpack(site: RecoverySite, onDoing: UnpackProgress, signal: AbortSignal): Promise<Unpacked>;
  /** Compares what was unpacked with the server that recovered it. @returns what is wrong with it, as {@link Unpacked.flaws}. */
  findFlaws?(server: MysqlServer, signal: AbortSignal): Promise<readonly string[]>;
}

/** @param phase `replay` while a log is applied to what was unpacked. Default: `unpack`. */
export type UnpackProgress = (doing: string, ratio?: number, phase?: 'unpack' | 'replay') => void;

export interface Unpacked {
  readonly warnings: readonly string[];
  /** What is wrong with the data by the backup's own account: each is an error of the restore, unless the drill allows it. */
  readonly flaws?: readonly string[];
  /** Whether it is of some databases or tables only, by the backup's own account. */
  readonly isPartial?: boolean;
  /** How the files are laid out, by names of server settings: `innodb_page_size`, `innodb_data_file_path`. They override the drill's own. */
  readonly settings: Readonly<Record<string, string>>;
  /** Which the server was given for files that are encrypted. */
  readonly keys?: GivenKeys | undefined;
  /** Undefined: the backup does not say, or the server kept no binary log. */
  readonly logStart: LogStart | undefined;
  /** The head of the newest binary log in the data directory. */
  readonly ownLog?: LogHead | undefined;
  /** Names of the binary logs in the data directory, in their order, where the server that starts uses the newest for its crash recovery. */
  readonly usedLogs?: readonly string[] | undefined;
}
