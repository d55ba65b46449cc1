import { Readable } from 'node:stream';
import type { LogArchive } from '../../format.ts';
import type { StoredLogFile } from './log-names.ts';

/** The content of one log file as a stream, decompressed. Leaving the loop early ends the reading. */
export async function* streamLogFile(
  archive: LogArchive,
  { file }: StoredLogFile,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const stream = archive.stream
    ? await archive.stream(file, signal)
    : Readable.from([await archive.read(file, signal)]);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  } finally {
    stream.destroy();
  }
}
