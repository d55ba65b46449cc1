import type { BinaryLogEvent } from './event-types.ts';
import { readLog } from './read-log.ts';
import type { LogStop, LogTransaction } from './transaction.ts';
import { TransactionAssembler } from './transaction-assembler.ts';

/** One file of a binary log. */
export interface LogSourceFile {
  /** As the server calls it, without folder and compression: `binlog.000012`. */
  readonly name: string;
  /** Its content from the beginning, without compression. To be called once. */
  open(): AsyncIterable<Buffer>;
}

export interface LogPart {
  /** In the order of the log, without a gap. */
  readonly files: readonly LogSourceFile[];
  /** Transactions that begin before this are left out. */
  readonly from?: LogStop | undefined;
}

/** What a reader of transactions is told besides. */
export interface TransactionWatcher {
  /** Called for each event, those of left out transactions too. */
  readonly onEvent?: (event: BinaryLogEvent, file: string) => void;
  /** Called for a file that ends within a transaction: the server crashed while it wrote it, or still writes it. */
  readonly onUnfinished?: (at: LogStop) => void;
}

/**
 * Reads the transactions of a log in its order, several at a time. Memory stays flat.
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
