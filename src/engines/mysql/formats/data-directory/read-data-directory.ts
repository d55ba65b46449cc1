import type { Readable } from 'node:stream';
import type { BackupContent, DirectoryContent, ObjectContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { compareVersions } from '../../../../support/versions.ts';
import { visitTar } from '../../../recognition/visit-tar.ts';
import {
  HEADER_BYTES,
  readRedoHeader,
  readTablespaceHeader,
  readUpgradeInfo,
  type TablespaceHeader,
  type WrittenBy,
} from './innodb-header.ts';
import { isOfTool } from './is-data-directory.ts';

/** Facts that the files of a copy reveal before it is unpacked. */
export interface DataDirectoryInfo {
  readonly product: 'mysql' | 'mariadb' | undefined;
  /** undefined: the files that would tell are missing, or come too late in a tar. */
  readonly serverVersion: string | undefined;
  readonly system: TablespaceHeader | undefined;
}

/** How much of a tar is read for these facts; anything still unknown is learned once it is unpacked. */
const MAX_TAR_BYTES = 2 ** 30;
const MAX_INFO_BYTES = 65_536;

const INFO = /^(?:mysql_upgrade_info|mysql_upgrade_history|mariadb_upgrade_info)$/;
const REDO = /^(?:ib_logfile0|#ib_redo\d+)$/;
const ONLY_MARIADB = /^(?:aria_log_control|mariadb_upgrade_info)$/;
const ONLY_MYSQL = /^(?:mysql\.ibd|#ib_redo\d+(?:_tmp)?|undo_\d{3})$/;

/**
 * Reads the few small files and headers that identify the server of a copy.
 * @throws DrillError `backup-truncated` without `ibdata1` or redo log in a directory, `format-unsupported` for a tar of another tool's, and what reading
 * throws.
 */
export async function readDataDirectory(content: BackupContent, signal: AbortSignal): Promise<DataDirectoryInfo> {
  signal.throwIfAborted();
  const found = new Findings();
  if (content.kind === 'directory') await readDirectory(content, found, signal);
  else await readTar(content, found, signal);
  return found.info();
}

class Findings {
  private product: DataDirectoryInfo['product'];
  private readonly writers: WrittenBy[] = [];
  private system: TablespaceHeader | undefined;
  private hasInfo = false;

  /** Whether further files would add nothing. */
  get isEnough(): boolean {
    return this.system !== undefined && (this.system.serverVersion !== undefined || this.hasInfo);
  }

  noteName(plain: string): void {
    if (ONLY_MARIADB.test(plain)) this.product ??= 'mariadb';
    if (ONLY_MYSQL.test(plain)) this.product ??= 'mysql';
  }

  /** @returns how many bytes of the file are needed; 0 for files that tell nothing. */
  static bytesOf(plain: string): number {
    if (INFO.test(plain)) return MAX_INFO_BYTES;
    return plain === 'ibdata1' || REDO.test(plain) ? HEADER_BYTES : 0;
  }

  noteHead(plain: string, head: Buffer): void {
    if (plain === 'ibdata1') this.system = readTablespaceHeader(head);
    const writer = INFO.test(plain)
      ? readUpgradeInfo(head.toString('utf8'))
      : REDO.test(plain)
        ? readRedoHeader(head)
        : undefined;
    if (!writer) return;
    if (INFO.test(plain)) this.hasInfo = true;
    this.writers.push(writer);
  }

  /** A log may be older than the server, and so may the version that an upgrade recorded: the newest is the best estimate. */
  info(): DataDirectoryInfo {
    const { system } = this;
    const version = system?.serverVersion;
    if (version !== undefined) return { product: 'mysql', serverVersion: version, system };
    const product = this.product ?? this.writers[0]?.product;
    const versions = this.writers.filter((writer) => writer.product === product).map((writer) => writer.version);
    return { product, serverVersion: versions.toSorted(compareVersions).at(-1), system };
  }
}

async function readDirectory(content: DirectoryContent, found: Findings, signal: AbortSignal): Promise<void> {
  const { key } = content.backup;
  const names = [...content.members.keys()];
  for (const name of names) {
    const plain = name.slice(name.lastIndexOf('/') + 1);
    found.noteName(plain);
    const wanted = Findings.bytesOf(plain);
    if (wanted > 0 && !name.slice(0, -plain.length).replace('#innodb_redo/', ''))
      found.noteHead(plain, await firstOf(await content.streamUnwrapped(name, signal), wanted));
  }
  requireFiles(key, names, found.info().product);
}

/** A complete copy has these files in every version. @throws DrillError `backup-truncated`. */
export function requireFiles(key: string, names: readonly string[], product: DataDirectoryInfo['product']): void {
  const lacks: readonly (readonly [RegExp, string])[] = [
    [/^ibdata1$/, 'ibdata1, the system tablespace'],
    [/^(?:ib_logfile0|#innodb_redo\/#ib_redo\d+)$/, 'the redo log (ib_logfile0, or #innodb_redo/)'],
    [/^mysql(?:\.ibd|\/)/, 'the system tables (database mysql)'],
    ...(product === 'mariadb'
      ? [[/^aria_log_control$/, 'aria_log_control, the log of its system tables'] as const]
      : []),
  ];
  const missing = lacks.find(([pattern]) => !names.some((name) => pattern.test(name)));
  if (missing === undefined) return;
  throw new DrillError('backup-truncated', `${key} lacks ${missing[1]}`, {
    hint: 'Copy the whole data directory. What the server keeps elsewhere (innodb_data_home_dir, innodb_log_group_home_dir, aria_log_dir_path) has to be in it too.',
  });
}

async function firstOf(stream: Readable, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= bytes) break;
  }
  return Buffer.concat(chunks).subarray(0, bytes);
}

/** Damage to the tar is detected when it is unpacked. */
async function readTar(content: ObjectContent, found: Findings, signal: AbortSignal): Promise<void> {
  const source = content.stream(signal);
  let size = 0;
  source.on('data', (chunk: Buffer) => {
    size += chunk.length;
  });
  await visitTar(source, async (entry) => {
    const plain = entry.header.name.slice(entry.header.name.lastIndexOf('/') + 1);
    if (isOfTool(plain)) throw ofTool(content.backup.key, plain);
    found.noteName(plain);
    const wanted = Findings.bytesOf(plain);
    if (wanted > 0 && entry.header.type === 'file')
      found.noteHead(plain, await headOf(entry as AsyncIterable<Buffer>, wanted));
    return found.isEnough || size > MAX_TAR_BYTES;
  });
  signal.throwIfAborted();
}

/** Reads the beginning of an entry; the rest is read and discarded, because the next entry follows it. */
async function headOf(entry: AsyncIterable<Buffer>, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of entry) {
    if (length < bytes) chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks).subarray(0, bytes);
}

/** @param name the file that identifies the tool. */
export function ofTool(key: string, name: string): DrillError {
  return new DrillError(
    'format-unsupported',
    `${key} is a tar of a backup by mariadb-backup or XtraBackup (it holds ${name}), whose own files do not come first`,
    {
      hint: 'Store the stream that the tool writes (`--stream`), its directory as it is, or a tar that begins with backup-my.cnf.',
    },
  );
}
