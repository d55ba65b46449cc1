/** Position of the backed-up server's binary log at the instant of a backup: a replay continues from here. At least one of the two is known. */
export interface LogStart {
  /** The file, without a directory, and the offset of the next event in it, in bytes: `mariadb-bin.000096`, 568. */
  readonly position: { readonly file: string; readonly offset: number } | undefined;
  /** Executed transactions: `0-1-42,1-2-7` for MariaDB, `UUID:1-77` for MySQL. */
  readonly gtid: string | undefined;
  /** Whether the executed transactions are a prefix of the server's own log: none of them comes after one that had not been executed. */
  readonly isInLogOrder?: true;
}

/**
 * Reads what mariadb-backup and XtraBackup write into `mariadb_backup_binlog_info` and `xtrabackup_binlog_info`: tab-separated fields; a GTID set of MySQL
 * spans several lines.
 * @returns undefined if the server had no binary log, and for other text.
 */
export function readLogStart(text: string): LogStart | undefined {
  const [file = '', offset = '', ...gtid] = text.trimEnd().split('\t');
  return logStartOf(file, offset, gtid.join(''));
}

/** @param file including its directory, as a server reports it. */
export function logStartOf(file: string, offset: string | number, gtid = ''): LogStart | undefined {
  const name = file.replace(/^.*[/\\]/s, '').trim();
  const at = Number(offset);
  const executed = gtid.replaceAll(/\s+/g, '');
  const isKnown = /^[^\s/\\]{1,255}\.\d{1,10}$/.test(name) && Number.isSafeInteger(at) && at >= 4;
  const position = isKnown ? { file: name, offset: at } : undefined;
  const set = /^[\w:.,-]+$/.test(executed) ? executed : undefined;
  return position || set !== undefined ? { position, gtid: set } : undefined;
}
