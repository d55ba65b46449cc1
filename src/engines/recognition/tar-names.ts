import { toPrintable } from '../../support/printable.ts';
import { isTarHeader } from '../../support/tar-header.ts';
import { OF_MACHINE } from './foreign-formats.ts';

const BLOCK_BYTES = 512;
const MAX_NAMES = 50;

/** Names of the files in the first bytes of a tar, at most 50; directories and extended headers are skipped. */
export function namesInTar(head: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at + BLOCK_BYTES <= head.length && names.length < MAX_NAMES; ) {
    const header = head.subarray(at, at + BLOCK_BYTES);
    if (!isTarHeader(header)) break;
    const sizeBytes = Number.parseInt(header.toString('latin1', 124, 136), 8) || 0;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === '0' || type === '\0' || type === '7') names.push(nameIn(header));
    at += BLOCK_BYTES + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return names;
}

function nameIn(header: Buffer): string {
  const text = (from: number, to: number) => header.toString('utf8', from, to).split('\0', 1)[0] ?? '';
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? text(345, 500) : '';
  return (prefix ? `${prefix}/${text(0, 100)}` : text(0, 100)).replace(/^\.\//, '');
}

/** Human-readable contents of a tar: `PG_VERSION, base/1/1259 and 20 more`. Empty if there are no names. */
export function describeNames(names: readonly string[], isAll = false): string {
  const shown = names.slice(0, 3).map((name) => toPrintable(name, 80));
  const more = names.length - shown.length;
  if (more === 0) return `${shown.join(', ')}${isAll || names.length === 0 ? '' : ' …'}`;
  return `${shown.join(', ')} and ${isAll ? '' : 'at least '}${more} more`;
}

/** Whether a tar contains a data directory, separate files with each table's definition and rows, or a whole machine: one backup in many files, judging by the names. */
export function isDataOrTables(names: readonly string[]): boolean {
  return explainTar(names).what !== PLAIN_TAR;
}

const PLAIN_TAR = 'a tar';

/** The kind of content in a tar, judging by the names, and what to do about it. */
export function explainTar(names: readonly string[]): { readonly what: string; readonly hint: string } {
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (has(/^etc\/vzdump\/(?:pct|qemu-server)\.conf$/))
    return { what: 'a container by vzdump of Proxmox VE', hint: OF_MACHINE };
  if (has(/^backup\/index\.yaml$/)) return { what: 'an instance exported from LXD or Incus', hint: OF_MACHINE };
  if (has(/(?:^|\/)(?:PG_VERSION|backup_label|pg_control)$/)) {
    return {
      what: 'a tar of a PostgreSQL data directory without a backup_label among its first files, as one by pg_basebackup has',
      hint: 'Take it with `pg_basebackup --format=tar`: a copy of the files of a running server cannot be recovered.',
    };
  }
  if (
    has(/(?:^|\/)pg_wal\.tar(?:\.\w+)?$/) ||
    (has(/(?:^|\/)base\.tar(?:\.\w+)?$/) && has(/(?:^|\/)backup_manifest$/))
  ) {
    return {
      what: 'a tar of the directory that `pg_basebackup --format=tar` writes',
      hint: 'Store that directory as it is, and select it by `backup.match`; or write one tar with `--wal-method=fetch --pgdata=-`.',
    };
  }
  if (has(/(?:^|\/)member\/(?:snap\/db|wal\/[0-9a-f]{16}-[0-9a-f]{16}\.wal)$/)) {
    return {
      what: 'a tar of the data directory of etcd',
      hint: 'Store what `etcdctl snapshot save` writes. Until then, `backup.member: "**/snap/db"` selects the database in it, without what only the write-ahead log holds.',
    };
  }
  if (has(/(?:^|\/)(?:ibdata1|xtrabackup_\w+|mariadb_backup_\w+|aria_log_control)$|\.(?:ibd|frm|MYD)$/)) {
    return {
      what: 'a tar of a MySQL or MariaDB data directory',
      hint: 'A copy has to hold the whole data directory, with ibdata1, the redo log and the database mysql: look at what the job puts into the tar.',
    };
  }
  const stems = new Set(names.filter((name) => name.endsWith('.sql')).map((name) => name.slice(0, -4)));
  if (has(/\.txt$/) && names.some((name) => name.endsWith('.txt') && stems.has(name.slice(0, -4)))) {
    return {
      what: 'a tar of a dump by `mysqldump --tab`',
      hint: 'Dump without `--tab`, into one file, so that the rows are INSERT statements.',
    };
  }
  return {
    what: PLAIN_TAR,
    hint: 'Store each dump as an object of its own, compressed with gzip or zstd, and set `backup.match` to select it.',
  };
}
