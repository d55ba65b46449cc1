import { versionIn } from '../../../support/versions.ts';
import { type LogStart, logStartOf, readLogStart } from '../recovery/log-start.ts';

/** The small files in which the tool describes a backup. Names since MariaDB 10.11 or 11.1 first; the others are used by older versions and by XtraBackup. */
export const INFO_FILES = {
  info: ['mariadb_backup_info', 'xtrabackup_info'],
  checkpoints: ['mariadb_backup_checkpoints', 'xtrabackup_checkpoints'],
  binlog: ['mariadb_backup_binlog_info', 'xtrabackup_binlog_info'],
  settings: ['backup-my.cnf'],
} as const;

const NAMES: ReadonlySet<string> = new Set(Object.values(INFO_FILES).flat());

/** In bytes: the rest of a longer file is not read. */
export const MAX_INFO_BYTES = 65_536;

/** In bytes, for a file that is decompressed: more than the longest list of GTIDs. */
const MAX_TEXT_BYTES = 2 ** 20;

/** Reads such a file to the end, and retains its beginning: a compressed one may contain anything. */
export async function readInfoText(stream: AsyncIterable<Buffer>): Promise<string> {
  const kept: Buffer[] = [];
  let left = MAX_TEXT_BYTES;
  for await (const chunk of stream) {
    if (left > 0) kept.push(chunk.subarray(0, left));
    left -= chunk.length;
  }
  return Buffer.concat(kept).toString('utf8');
}

/** XtraBackup compresses the small files as well: `xtrabackup_info.zst` → `xtrabackup_info`. */
export function plainInfoName(name: string): string {
  return name.replace(/\.(?:zst|lz4)$/, '');
}

/** How a file of XtraBackup is compressed, judged by its name. */
export function packingOf(name: string): 'none' | 'zstd' | 'lz4' {
  if (name.endsWith('.zst')) return 'zstd';
  return name.endsWith('.lz4') ? 'lz4' : 'none';
}

export function isInfoFile(name: string): boolean {
  return NAMES.has(name);
}

/** Metadata that a backup contains about itself. InnoDB log numbers (LSN) are text: they have up to 64 bits. */
export interface BackupInfo {
  readonly serverVersion: string | undefined;
  readonly isMariadb: boolean | undefined;
  /** `mariadb-backup 11.8.9`. */
  readonly tool: string | undefined;
  readonly toolVersion: string | undefined;
  readonly isPartial: boolean;
  /** In the server's local time: `2026-11-28 21:29:37`. */
  readonly startedAt: string | undefined;
  /** undefined if the backup has no checkpoints: nothing can build on it. */
  readonly checkpoints: Checkpoints | undefined;
  readonly logStart: LogStart | undefined;
  /** From `backup-my.cnf`: the settings that describe the file layout. */
  readonly settings: Readonly<Record<string, string>> | undefined;
  /** Whether the server's log was encrypted, so that no server without its key can read it. */
  readonly hasEncryptedLog: boolean;
  /** Whether the server had a key plug-in, which may have encrypted some of its tables. */
  readonly hasKeys: boolean;
  /** How `file_key_management` encrypts: `aes_cbc`. undefined: not stated. */
  readonly keyAlgorithm: string | undefined;
}

export interface Checkpoints {
  readonly isIncremental: boolean;
  /** The log has been applied, by the job or by hand. */
  readonly isPrepared: boolean;
  readonly fromLsn: string;
  readonly toLsn: string;
}

/** @param texts by file name. */
export function readBackupInfo(texts: ReadonlyMap<string, string>): BackupInfo {
  const textOf = (names: readonly string[]) => names.map((name) => texts.get(name)).find((text) => text !== undefined);
  const info = readValues(textOf(INFO_FILES.info) ?? '');
  const settings = textOf(INFO_FILES.settings);
  const binlog = textOf(INFO_FILES.binlog);
  const server = info.get('server_version');
  const toolVersion = versionIn(info.get('tool_version') ?? '', 3);
  const name = info.get('tool_name');
  return {
    serverVersion: server === undefined ? undefined : versionIn(server, 3),
    isMariadb: server === undefined ? undefined : /mariadb/i.test(`${server} ${info.get('tool_version') ?? ''}`),
    tool: name === undefined ? undefined : `${name.replace(/[^\w-]/g, '').slice(0, 40)} ${toolVersion ?? ''}`.trim(),
    toolVersion,
    isPartial: info.get('partial') === 'Y',
    startedAt: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.exec(info.get('start_time') ?? '')?.[0],
    checkpoints: readCheckpoints(readValues(textOf(INFO_FILES.checkpoints) ?? ''), info),
    logStart: binlog === undefined ? logStartIn(info.get('binlog_pos') ?? '') : readLogStart(binlog),
    settings: settings === undefined ? undefined : readLayoutSettings(settings),
    hasEncryptedLog: settings !== undefined && /^innodb_encrypt_log\s*=\s*(?:1|ON)\s*$/im.test(settings),
    keyAlgorithm: settings && /^file_key_management_encryption_algorithm\s*=\s*(aes_\w{1,8})\s*$/im.exec(settings)?.[1],
    hasKeys: settings !== undefined && /^(?:plugin_load|innodb_encrypt_tables)\s*=/im.test(settings),
  };
}

/** `name = value` on each line. */
function readValues(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const [, name, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function readCheckpoints(own: ReadonlyMap<string, string>, info: ReadonlyMap<string, string>): Checkpoints | undefined {
  const lsn = (name: string): string | undefined => {
    const value = own.get(name) ?? info.get(`innodb_${name}`);
    return value !== undefined && /^\d{1,20}$/.test(value) ? value.replace(/^0+(?=\d)/, '') : undefined;
  };
  const fromLsn = lsn('from_lsn');
  const toLsn = lsn('to_lsn');
  if (fromLsn === undefined || toLsn === undefined) return undefined;
  const type = own.get('backup_type') ?? (info.get('incremental') === 'Y' ? 'incremental' : '');
  return { isIncremental: type === 'incremental', isPrepared: /prepared|log-applied/.test(type), fromLsn, toLsn };
}

/** `filename 'mariadb-bin.000001', position '76000', GTID of the last change '0-1-8'` */
function logStartIn(text: string): LogStart | undefined {
  const [, file = '', offset = ''] = /filename '([^']*)', position '(\d+)'/.exec(text) ?? [];
  const gtid = /GTID of the last change '([^']*)'/.exec(text)?.[1];
  return logStartOf(file, offset, gtid);
}

const LAYOUT: Readonly<Record<string, RegExp>> = {
  innodb_page_size: /^(?:4096|8192|16384|32768|65536)$/,
  innodb_undo_tablespaces: /^\d{1,3}$/,
  innodb_data_file_path: /^[\w.-]+:\d+[KMG]?(?:;[\w.-]+:\d+[KMG]?)*(?::autoextend(?::max:\d+[KMG]?)?)?$/i,
};

/** The file is untrusted text like everything in a backup: only settings that describe the file layout are taken from it. */
function readLayoutSettings(text: string): Readonly<Record<string, string>> {
  const values = readValues(text);
  return Object.fromEntries(
    Object.entries(LAYOUT).flatMap(([name, pattern]) => {
      const value = values.get(name);
      return value !== undefined && pattern.test(value) ? [[name, value]] : [];
    }),
  );
}
