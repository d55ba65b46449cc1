import { readFileSync } from 'node:fs';
import type { BinaryLogEvent } from '../../../../src/engines/mysql/log/event-types.ts';
import { readLog } from '../../../../src/engines/mysql/log/read-log.ts';
import { readTransactions } from '../../../../src/engines/mysql/log/read-transactions.ts';
import type { LogStop, LogTransaction } from '../../../../src/engines/mysql/log/transaction.ts';

/** A binary log written by a real server; see recorded/README.md. */
export function recordedLog(name: string): Buffer {
  return readFileSync(new URL(`recorded/${name}.binlog`, import.meta.url));
}

/** @param chunkBytes size of the chunks in which the file is read. */
export async function eventsOf(bytes: Buffer, chunkBytes = 65_536): Promise<readonly BinaryLogEvent[]> {
  const events: BinaryLogEvent[] = [];
  for await (const batch of readLog(inChunks(bytes, chunkBytes), { file: 'binlog.000001' })) events.push(...batch);
  return events;
}

export async function* inChunks(bytes: Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** The transactions of one file, `binlog.000001`. */
export async function transactionsOf(
  bytes: Buffer,
  from?: LogStop,
  onUnfinished: (at: LogStop) => void = () => undefined,
): Promise<readonly LogTransaction[]> {
  const found: LogTransaction[] = [];
  const files = [{ name: 'binlog.000001', open: () => inChunks(bytes, 65_536) }];
  const reading = readTransactions({ files, from }, new AbortController().signal, { onUnfinished });
  for await (const batch of reading) found.push(...batch);
  return found;
}
