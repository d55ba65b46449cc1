import type { TransferMeter } from '../../../backup/content.ts';
import type { LogHead } from '../log/start-coordinates.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import type { GivenKeys } from './encrypted-files.ts';
import type { LogStart } from './log-start.ts';
import type { RecoverySite } from './recovery-site.ts';

/** An opened backup of a server's files, with what its recovery needs. */
export interface PhysicalBackup {
  /** Its key, for use in messages. */
  readonly key: string;
  /** What it is, with its article, for use in messages: `a backup by mariadb-backup`. */
  readonly what: string;
  /** Version of the backed-up server: `11.8.3`. undefined: unknown until it is unpacked; `unpack` then compares the series. */
  readonly serverVersion: string | undefined;
  readonly meter: TransferMeter;
  /** Throws DrillError `tool-missing` if the sandbox lacks a program that unpacking needs. Fast. */
  checkTools?(site: RecoverySite, signal: AbortSignal): Promise<void>;
  /**
   * Writes a data directory that a server can start on into `sandbox.paths.data`, which is empty.
   * @param onDoing receives the share that is done, if the bytes read do not show it.
   */
  unpack(site: RecoverySite, onDoing: UnpackProgress, signal: AbortSignal): Promise<Unpacked>;
  /** Compares the unpacked data with the server that recovered it. @returns problems, as in {@link Unpacked.flaws}. */
  findFlaws?(server: MysqlServer, signal: AbortSignal): Promise<readonly string[]>;
}

/** @param phase `replay` while a log is applied to the unpacked data. Default: `unpack`. */
export type UnpackProgress = (doing: string, ratio?: number, phase?: 'unpack' | 'replay') => void;

export interface Unpacked {
  readonly warnings: readonly string[];
  /** Problems of the data that the backup itself reports: each is an error of the restore, unless the drill allows it. */
  readonly flaws?: readonly string[];
  /** Whether the backup states that it contains only some databases or tables. */
  readonly isPartial?: boolean;
  /** File layout, by server setting: `innodb_page_size`, `innodb_data_file_path`. They override the drill's own. */
  readonly settings: Readonly<Record<string, string>>;
  /** Keys that the server was given for encrypted files. */
  readonly keys?: GivenKeys | undefined;
  /** undefined: the backup does not state it, or the server had no binary log. */
  readonly logStart: LogStart | undefined;
  /** Head of the newest binary log in the data directory. */
  readonly ownLog?: LogHead | undefined;
  /** Names of the binary logs in the data directory, in order, if the starting server uses the newest for its crash recovery. */
  readonly usedLogs?: readonly string[] | undefined;
}
