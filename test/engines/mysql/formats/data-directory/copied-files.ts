/**
 * The start of the first page of `ibdata1`, as bytes in latin1. @param version as MySQL writes it, such as 80036; 0 for
 * MariaDB.
 */
export function systemPage({ flags = 0x15, version = 0 }: { flags?: number; version?: number }): string {
  const head = Buffer.alloc(64);
  head.writeUInt32BE(version, 8);
  head.writeUInt16BE(8, 24);
  head.writeUInt32BE(flags, 54);
  return head.toString('latin1');
}

/** The start of a redo log. */
export function redoHeader(creator: string): string {
  return `Phys${'\0'.repeat(12)}${creator}`.padEnd(64, '\0');
}

/** A directory with the names and first bytes of the files that MariaDB 11.8 leaves. */
export const MARIADB_COPY: Readonly<Record<string, string>> = {
  ibdata1: systemPage({}),
  ib_logfile0: redoHeader('MariaDB 11.8.8'),
  aria_log_control: '',
  undo001: '',
  mariadb_upgrade_info: '11.8.9-MariaDB',
  'mysql/db.frm': '',
  'shop/orders.ibd': '',
  'shop/orders#P#p0.ibd': '',
};
