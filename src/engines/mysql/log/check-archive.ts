import { DrillError } from '../../../support/errors.ts';
import type { LogArchive, RecoveryTarget } from '../../format.ts';
import type { BinaryLogEvent } from './event-types.ts';
import { orderFiles, readLogName, type StoredLogFile } from './log-names.ts';
import { withSmallTars } from './open-tars.ts';
import { readLog } from './read-log.ts';
import { streamLogFile } from './stored-log.ts';

/**
 * Checks the head of an archive's newest file, before a sandbox exists. All other problems of an archive are reported when it is read for the replay, which
 * knows the position of the backup in it. Logs in large or many tars are not checked.
 * @returns why they were not checked; see {@link withSmallTars}.
 * @throws DrillError `backup-encrypted` if the server encrypts the log, `format-unsupported` for a dump of logs by MySQL Shell; what reading the archive
 * throws.
 */
export async function checkArchive(
  archive: LogArchive,
  target: RecoveryTarget,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (target.kind === 'backup-end') return undefined;
  requireServerFiles(archive);
  return withSmallTars(archive, (opened) => requireReadable(opened, target, signal), signal);
}

async function requireReadable(archive: LogArchive, target: RecoveryTarget, signal: AbortSignal): Promise<void> {
  const files = archive.files.flatMap((file) => readLogName(file) ?? []);
  const servers = Map.groupBy(files, ({ folder, basename }) => `${folder}${basename}`);
  if (servers.size !== 1) return;
  const ordered = orderFiles(files);
  // a target within the log may precede the moment when the server began to encrypt it
  const needed = target.kind === 'time' || target.kind === 'position' ? [ordered[0], ordered.at(-1)] : [ordered.at(-1)];
  let encrypted: DrillError | undefined;
  for (const file of needed) {
    encrypted = file && (await findEncryption(archive, file, signal));
    if (!encrypted) return;
  }
  if (encrypted) throw encrypted;
}

/** @throws DrillError `format-unsupported` for logs as MySQL Shell dumps them: files that begin in the middle, in one folder per dump. */
export function requireServerFiles({ description, files }: Pick<LogArchive, 'description' | 'files'>): void {
  if (!files.some(({ key }) => SHELL_DUMP.test(key))) return;
  throw new DrillError(
    'format-unsupported',
    `${description} holds binary logs as MySQL Shell dumps them (util.dumpBinlogs); Firedrill reads the server’s own files only`,
    {
      hint: 'Archive the files themselves, with `mysqlbinlog --read-from-remote-server --raw --stop-never`, and point `backup.log.source` at their folder.',
    },
  );
}

/** Source: modules/util/binlog/constants.h of MySQL Shell. */
const SHELL_DUMP = /(?:^|\/)@\.binlog(?:\.info|\.done)?\.json$/;

/** Without a key for it, a file that the drill's own job encrypted also ends with `backup-encrypted`. */
async function findEncryption(
  archive: LogArchive,
  file: StoredLogFile,
  signal: AbortSignal,
): Promise<DrillError | undefined> {
  try {
    await readHead(archive, file, signal);
  } catch (error) {
    if (error instanceof DrillError && error.code === 'backup-encrypted') return error;
    throw error;
  }
  return undefined;
}

/**
 * @returns a file's first events: all before the first transaction, and some more. Fewer, or none, if the file is damaged there.
 * @throws DrillError `backup-encrypted`, what reading the archive throws.
 */
export async function readHead(
  archive: LogArchive,
  file: StoredLogFile,
  signal: AbortSignal,
): Promise<readonly BinaryLogEvent[]> {
  const head: BinaryLogEvent[] = [];
  try {
    for await (const events of readLog(streamLogFile(archive, file, signal), { file: file.name, signal })) {
      head.push(...events);
      if (head.some(({ type }) => type !== 'format' && type !== 'previous-gtids')) break;
    }
  } catch (error) {
    if (!(error instanceof DrillError) || !OF_THE_FILE.has(error.code)) throw error;
  }
  return head;
}

const OF_THE_FILE: ReadonlySet<string> = new Set(['log-damaged', 'backup-truncated', 'backup-corrupt', 'backup-empty']);
