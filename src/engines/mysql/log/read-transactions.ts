import type { BinaryLogEvent } from './event-types.ts';
import { readLog } from './read-log.ts';
import type { LogStop, LogTransaction } from './transaction.ts';
import { TransactionAssembler } from './transaction-assembler.ts';

/** One file of a binary log. */
export interface LogSourceFile {
  /** As named by the server, without folder and compression: `binlog.000012`. */
  readonly name: string;
  /** Its content from the beginning, decompressed. To be called once. */
  open(): AsyncIterable<Buffer>;
}

export interface LogPart {
  /** In log order, without a gap. */
  readonly files: readonly LogSourceFile[];
  /** Transactions that begin before this are skipped. */
  readonly from?: LogStop | undefined;
}

/** Callbacks for the reader of transactions. */
export interface TransactionWatcher {
  /** Called for each event, including those of skipped transactions. */
  readonly onEvent?: (event: BinaryLogEvent, file: string) => void;
  /** Called for a file that ends inside a transaction: the server crashed while writing it, or is still writing it. */
  readonly onUnfinished?: (at: LogStop) => void;
}

/**
 * Reads the transactions of a log in order, in batches. Memory use is bounded.
 * @throws what `readLog` throws.
 */
export async function* readTransactions(
  { files, from }: LogPart,
  signal: AbortSignal,
  { onEvent, onUnfinished }: TransactionWatcher = {},
): AsyncGenerator<readonly LogTransaction[]> {
  for (const { name, open } of files) {
    const assembler = new TransactionAssembler(name);
    const least = from?.file === name ? from.position : 0;
    for await (const events of readLog(open(), { file: name, signal })) {
      const found: LogTransaction[] = [];
      for (const event of events) {
        onEvent?.(event, name);
        const transaction = assembler.take(event);
        if (transaction && transaction.at >= least) found.push(transaction);
      }
      if (found.length > 0) yield found;
    }
    const at = assembler.unfinishedAt;
    if (at !== undefined) onUnfinished?.({ file: name, position: at });
  }
}
