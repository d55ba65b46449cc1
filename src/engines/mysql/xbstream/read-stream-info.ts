import { Readable } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import { type BackupInfo, isInfoFile, packingOf, plainInfoName, readBackupInfo, readInfoText } from './backup-info.ts';
import { endsWithEnd, filesAtEnd, MbstreamReader, type StreamedFile, type StreamFault } from './mbstream.ts';
import type { StreamFile } from './stream-file.ts';

/** The tool writes a backup's metadata last, after InnoDB's log. */
const TAIL_BYTES = 262_144;
/** A compressed stream must be read to the end for that, which costs as much again as the restore does; a larger one is not. */
const MAX_SCANNED_BYTES = 256 * 2 ** 20;

/**
 * Reads the metadata at the end of a stream.
 * @param isNeeded reads a stream of any size for it.
 * @returns undefined if that would cost too much.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, and what reading throws.
 */
export async function readStreamInfo(
  file: StreamFile,
  signal: AbortSignal,
  isNeeded = false,
): Promise<BackupInfo | undefined> {
  if (file.tail) {
    const tail = await file.tail(TAIL_BYTES, signal);
    const files = filesAtEnd(tail, isWanted);
    if (files) return infoIn(file, files);
    throw endsWithEnd(tail)
      ? explainFault(file.key, { kind: 'damaged', what: 'is damaged in its last files' })
      : cutStream(file.key, 'has no end-of-stream mark: it was cut off');
  }
  if (!isNeeded && file.sizeBytes > MAX_SCANNED_BYTES) return undefined;
  return infoIn(file, await scan(file, signal));
}

async function scan(file: StreamFile, signal: AbortSignal): Promise<readonly StreamedFile[]> {
  const reader = new MbstreamReader(isWanted);
  const stream = await file.open(signal);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) if (reader.push(chunk)) break;
  } finally {
    stream.destroy();
  }
  signal.throwIfAborted();
  const fault = reader.end();
  if (fault) throw explainFault(file.key, fault);
  return reader.files;
}

function isWanted(name: string): boolean {
  return isInfoFile(plainInfoName(name)) || UNREADABLE_INFO.test(name);
}

/** Files that XtraBackup compressed with qpress, or encrypted. */
const UNREADABLE_INFO = /^xtrabackup_info(?:\.(?:zst|lz4))?\.(?:qp|xbcrypt)(?:\.xbcrypt)?$/;

async function infoIn(
  { key, decompress }: StreamFile,
  files: readonly StreamedFile[],
): Promise<BackupInfo | undefined> {
  const texts = new Map<string, string>();
  for (const { name, bytes } of files) {
    if (!UNREADABLE_INFO.test(name))
      texts.set(plainInfoName(name), await readInfoText(decompress(packingOf(name), Readable.from([bytes]), key)));
  }
  if ([...texts.keys()].some((name) => name.endsWith('_info') && !name.endsWith('_binlog_info')))
    return readBackupInfo(texts);
  if (files.some(({ name }) => UNREADABLE_INFO.test(name))) return undefined;
  throw cutStream(key, 'lacks mariadb_backup_info (older: xtrabackup_info), which the tool writes last');
}

export function explainFault(key: string, { kind, what }: StreamFault): DrillError {
  if (kind === 'cut') return cutStream(key, what);
  if (kind === 'hostile') {
    return new DrillError('backup-corrupt', `${key} ${what}: refused`, {
      hint: 'The tool writes no such name: check who can write to the source.',
    });
  }
  return new DrillError('backup-corrupt', `${key} ${what}`, {
    hint: 'Compare its checksum with what was written, and take a new backup.',
  });
}

export function cutStream(key: string, what: string): DrillError {
  return new DrillError('backup-truncated', `${key} ${what}`, {
    hint: 'It was not finished, or not all of it was uploaded: look at the job that writes it (`set -o pipefail`).',
  });
}
