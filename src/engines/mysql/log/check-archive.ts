import { DrillError } from '../../../support/errors.ts';
import type { LogArchive, RecoveryTarget } from '../../format.ts';
import { orderFiles, readLogName, type StoredLogFile } from './log-names.ts';
import { readLog } from './read-log.ts';
import { streamLogFile } from './stored-log.ts';

/**
 * Looks at the head of an archive's newest file, before there is a sandbox. Whatever else is wrong with an archive is told when it is read for the replay,
 * which knows where the backup stands in it. Logs in tars are not looked at.
 * @throws DrillError `backup-encrypted` where the server encrypts the log; what reading the archive throws.
 */
export async function checkArchive(archive: LogArchive, target: RecoveryTarget, signal: AbortSignal): Promise<void> {
  if (target.kind === 'backup-end') return;
  const files = archive.files.flatMap((file) => readLogName(file) ?? []);
  const servers = Map.groupBy(files, ({ folder, basename }) => `${folder}${basename}`);
  if (servers.size !== 1) return;
  const ordered = orderFiles(files);
  // a target within the log may come before the server began to encrypt it
  const needed = target.kind === 'time' || target.kind === 'position' ? [ordered[0], ordered.at(-1)] : [ordered.at(-1)];
  let encrypted: DrillError | undefined;
  for (const file of needed) {
    encrypted = file && (await findEncryption(archive, file, signal));
    if (!encrypted) return;
  }
  if (encrypted) throw encrypted;
}

/** Without a key for it, a file that the drill's own job encrypted ends with `backup-encrypted`, too. */
async function findEncryption(
  archive: LogArchive,
  file: StoredLogFile,
  signal: AbortSignal,
): Promise<DrillError | undefined> {
  try {
    for await (const events of readLog(streamLogFile(archive, file, signal), { file: file.name, signal }))
      if (events.some(({ type }) => type !== 'format')) return undefined;
  } catch (error) {
    if (!(error instanceof DrillError)) throw error;
    if (error.code === 'backup-encrypted') return error;
    if (!OF_THE_FILE.has(error.code)) throw error;
  }
  return undefined;
}

const OF_THE_FILE: ReadonlySet<string> = new Set(['log-damaged', 'backup-truncated', 'backup-corrupt', 'backup-empty']);
