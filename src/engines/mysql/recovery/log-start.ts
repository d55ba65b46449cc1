/** Where the backed-up server's binary log stood at the instant of a backup: a replay goes on from here. One of the two is known at least. */
export interface LogStart {
  /** The file, without a directory, and the offset of the next event in it, in bytes: `mariadb-bin.000096`, 568. */
  readonly position: { readonly file: string; readonly offset: number } | undefined;
  /** What had been executed: `0-1-42,1-2-7` of MariaDB, `UUID:1-77` of MySQL. */
  readonly gtid: string | undefined;
  /** What had been executed is the beginning of the server's own log: nothing of it comes after what had not been. */
  readonly isInLogOrder?: true;
}

/**
 * Reads what mariadb-backup and XtraBackup write into `mariadb_backup_binlog_info`, `xtrabackup_binlog_info`: fields with tabs between them; a GTID
 * set of MySQL goes on over several lines.
 * @returns undefined where the server kept no binary log, and for other text.
 */
export function readLogStart(text: string): LogStart | undefined {
  const [file = '', offset = '', ...gtid] = text.trimEnd().split('\t');
  return logStartOf(file, offset, gtid.join(''));
}

/** @param file with its directory as a server reports it. */
export function logStartOf(file: string, offset: string | number, gtid = ''): LogStart | undefined {
  const name = file.replace(/^.*[/\\]/s, '').trim();
  const at = Number(offset);
  const executed = gtid.replaceAll(/\s+/g, '');
  const isKnown = /^[^\s/\\]{1,255}\.\d{1,10}$/.test(name) && Number.isSafeInteger(at) && at >= 4;
  const position = isKnown ? { file: name, offset: at } : undefined;
  const set = /^[\w:.,-]+$/.test(executed) ? executed : undefined;
  return position || set !== undefined ? { position, gtid: set } : undefined;
}
