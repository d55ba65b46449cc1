import type { LogStart } from '../recovery/log-start.ts';

/** Facts from a log's first event: when its server began the file, in seconds since 1970, and that server's id. */
export interface LogHead {
  readonly file: string;
  readonly seconds: number;
  readonly serverId: number;
}

/** Where in a server's binary log a backup was taken: recovery continues from there. At least one of the two is known. */
export interface LogCoordinates {
  /** The file, without its folder, and the position in it. */
  readonly at?: { readonly file: string; readonly position: number };
  /** Everything in the backup: `uuid:1-9,…` for MySQL, `0-7-9,…` for MariaDB. An empty set is valid. */
  readonly gtids?: string;
  /** Whether the backup contains a prefix of the log: no transaction in it comes after a missing one. */
  readonly isInLogOrder?: true;
  /** Head of the newest log that a copy of the server's files contains. */
  readonly ownLog?: LogHead | undefined;
  /** Version of the server that wrote the log, if the backup states it: `9.7.4`. */
  readonly serverVersion?: string | undefined;
  /** Human-readable place where the backup states them: `CHANGE MASTER in the dump`. */
  readonly saidBy: string;
}

/** Source: mysqldump and mariadb-dump, do_show_master_status and do_show_slave_status; the statement may be commented out. */
const CHANGE = /^(?:--\s*)?(?:\/\*!\d*\s*)?CHANGE (?:MASTER|REPLICATION SOURCE)(?:\s+'[^']*')? TO\s([^;]*);?/gim;
const FILE = /\b(?:MASTER|SOURCE)_LOG_FILE\s*=\s*'([^'\n]{1,512})'/i;
const POSITION = /\b(?:MASTER|SOURCE)_LOG_POS\s*=\s*(\d{1,19})/i;
const PURGED = /^(?:--\s*)?SET\s+@@GLOBAL\.GTID_PURGED\s*=\s*(?:\/\*!\d+\s*'\+'\s*\*\/\s*)?'([^']*)'/im;
const SLAVE_POSITION = /^(?:--\s*)?SET\s+GLOBAL\s+gtid_slave_pos\s*=\s*'([^']*)'/im;

/**
 * Reads the coordinates from (part of) the text of a dump by mysqldump or mariadb-dump.
 * @returns undefined if it states none: it was made without `--source-data` (`--master-data`) and `--dump-replica` (`--dump-slave`).
 */
export function coordinatesInDump(text: string): LogCoordinates | undefined {
  const gtids = gtidsIn(text);
  for (const [statement, options = ''] of text.matchAll(CHANGE)) {
    const file = FILE.exec(options)?.[1];
    const position = POSITION.exec(options)?.[1];
    if (file === undefined || position === undefined) continue;
    const what = /REPLICATION SOURCE/i.test(statement) ? 'CHANGE REPLICATION SOURCE' : 'CHANGE MASTER';
    return {
      at: { file: baseOf(file), position: Number(position) },
      ...(gtids === undefined ? {} : { gtids }),
      saidBy: `${what} in the dump`,
    };
  }
  return gtids === undefined ? undefined : { gtids, saidBy: 'the GTIDs in the dump' };
}

function gtidsIn(text: string): string | undefined {
  return compact(PURGED.exec(text)?.[1] ?? SLAVE_POSITION.exec(text)?.[1]);
}

function compact(gtids: string | undefined): string | undefined {
  return gtids?.replaceAll(/\s+/g, '');
}

/**
 * Reads the coordinates from mydumper's `metadata`, in each of its forms: `SHOW MASTER STATUS:` with `Log:`, `Pos:`, `GTID:` (to 0.12), and an INI with `File`,
 * `Position`, `Executed_Gtid_Set` under `[master]` or `[source]` (0.13 and later). The source of a replica (`SHOW SLAVE STATUS`, `[replication]`) is ignored:
 * it is about another log. Source: mydumper's src/mydumper_start_dump.c.
 */
export function coordinatesInMydumper(text: string): LogCoordinates | undefined {
  const own = ownSection(text);
  if (own === undefined) return undefined;
  const file = /^\W*(?:Log|File|SOURCE_LOG_FILE)\s*[:=]\s*"?'?([^\s"',]+)/im.exec(own)?.[1];
  const position = /^\W*(?:Pos|Position|SOURCE_LOG_POS)\s*[:=]\s*"?'?(\d{1,19})/im.exec(own)?.[1];
  const gtids = compact(
    /^\W*(?:GTID|Executed_Gtid_Set|gtid_binlog_pos)\s*[:=]\s*"?'?([-0-9a-z_:,\s]*?)"?'?\s*(?:$(?!\n\s*[0-9a-f]{8}-)|\n(?=\s*\n|\[|#|\w+\s*[:=]))/im.exec(
      own,
    )?.[1],
  );
  const at =
    file === undefined || position === undefined ? {} : { at: { file: baseOf(file), position: Number(position) } };
  const set = gtids === undefined || gtids === '' ? {} : { gtids };
  if (!('at' in at) && !('gtids' in set)) return undefined;
  return { ...at, ...set, saidBy: 'mydumper’s metadata' };
}

function ownSection(text: string): string | undefined {
  const header = /^(?:# )?(?:SHOW (?:MASTER|BINARY LOG) STATUS:|\[(?:master|source)\])[^\n]*\n/im.exec(text);
  if (!header) return undefined;
  const rest = text.slice(header.index + header[0].length);
  const end = /^(?:# )?(?:SHOW (?:SLAVE|REPLICA) STATUS:|\[|Finished dump)/im.exec(rest)?.index;
  return rest.slice(0, end);
}

/** @param saidBy human-readable place where the backup states them. */
export function coordinatesOf(start: LogStart | undefined, saidBy: string): LogCoordinates | undefined {
  if (!start) return undefined;
  const { position, gtid, isInLogOrder } = start;
  return {
    ...(isInLogOrder ? { isInLogOrder } : {}),
    ...(position ? { at: { file: position.file, position: position.offset } } : {}),
    ...(gtid === undefined ? {} : { gtids: gtid }),
    saidBy,
  };
}

/** The option that makes a dump tool record its log position, for a dump without one. */
export function coordinatesHint(dumpedBy: string): string {
  if (/shell/i.test(dumpedBy)) return 'Dump with `consistent: true`, from a server with `log_bin` on.';
  if (/mydumper/i.test(dumpedBy))
    return 'Let mydumper read the server’s own log position: it needs `log_bin` on the server, and the right REPLICATION CLIENT.';
  const option = /mariadb-dump|MariaDB/i.test(dumpedBy)
    ? '--master-data=2'
    : '--source-data=2 (--master-data=2 before 8.0.26)';
  return `Dump with \`--single-transaction ${option}\`; of a replica whose source’s log is archived, with \`${/mariadb/i.test(dumpedBy) ? '--dump-slave=2' : '--dump-replica=2'}\`.`;
}

function baseOf(file: string): string {
  return file.replace(/^.*[/\\]/, '');
}
