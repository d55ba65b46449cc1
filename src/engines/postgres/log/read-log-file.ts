import { Readable } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import { readShort, readStart } from '../../../support/read-start.ts';
import type { LogArchive, LogFile } from '../../format.ts';
import { HEADER_BYTES } from './segment-header.ts';

/** One line for each timeline that a server ever left: usually some hundred bytes. */
const MAX_HISTORY_BYTES = 2 ** 20;

/** One log file, decrypted and decompressed. Archives without streams hold it in memory. */
export async function streamLogFile(archive: LogArchive, file: LogFile, signal: AbortSignal): Promise<Readable> {
  return archive.stream ? archive.stream(file, signal) : Readable.from([await archive.read(file, signal)]);
}

/** The first bytes of a segment; the rest is not kept. */
export async function readHeader(archive: LogArchive, file: LogFile, signal: AbortSignal): Promise<Buffer> {
  return readStart(await streamLogFile(archive, file, signal), HEADER_BYTES);
}

/** @throws DrillError `log-damaged` for a file of more than 1 MiB, and what reading throws. */
export async function readHistory(archive: LogArchive, file: LogFile, signal: AbortSignal): Promise<Buffer> {
  const bytes = await readShort(await streamLogFile(archive, file, signal), MAX_HISTORY_BYTES);
  if (bytes) return bytes;
  throw new DrillError(
    'log-damaged',
    `${file.key} in ${archive.description} has more than 1 MiB: it is not the history of a timeline`,
    {
      hint: 'Look for another copy of the file: the server’s `pg_wal` usually has one.',
    },
  );
}
