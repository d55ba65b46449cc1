import { DrillError } from '../../../support/errors.ts';
import { LogFileError } from '../log/read-errors.ts';
import { readTransactions } from '../log/read-transactions.ts';
import type { LogTransaction } from '../log/transaction.ts';
import type { LogStart } from './log-start.ts';

/** Binary logs of a server that was copied while it ran, of which crash recovery used the newest. */
export interface UsedLogs {
  /** In their order, without folders: the newest is the last. */
  readonly names: readonly string[];
  /** @param bytes how much of it, from the beginning; undefined: all. */
  open(name: string, bytes: number | undefined, signal: AbortSignal): AsyncIterable<Buffer>;
}

export interface CrashRecovery {
  /** The backup's key, for messages. */
  readonly key: string;
  /** Where the storage engine's last transaction stood before crash recovery committed those that were prepared. */
  readonly position: LogStart | undefined;
  /** How many were prepared. */
  readonly prepared: number;
  readonly logs: UsedLogs;
}

/**
 * Finds where a copy stands in its server's log once crash recovery is done. Crash recovery commits what is prepared in the storage engine and whole in the
 * log, which the engine's own position, noted before, does not count. So the copy stands at the end of the log's last whole transaction, unless the log
 * holds more commits after that position than were prepared: a server that flushes its log to the disk earlier than its data (`innodb_flush_log_at_trx_commit` other than 1).
 * Source: MariaDB's sql/log.cc, TC_LOG_BINLOG::recover, and storage/innobase/trx/trx0sys.cc.
 * @throws DrillError `log-start-unknown` where it cannot be told; what reading the log throws.
 */
export async function findRecoveredEnd(recovery: CrashRecovery, signal: AbortSignal): Promise<RecoveredEnd> {
  const { key, position, prepared, logs } = recovery;
  const before = position?.position;
  if (!before) throw unknown(key, 'its storage engine does not say where it was in the server’s log');
  const first = logs.names.indexOf(before.file);
  if (first < 0) throw unknown(key, `it lacks ${before.file}, the binary log that crash recovery started from`);
  const tail = await readTail(logs, first, before, signal);
  if (tail.hasXa) throw unknown(key, 'XA transactions were being prepared or committed');
  const { last } = tail;
  if (!last) return { start: position, last };
  if (tail.commits <= prepared)
    return { start: { position: { file: last.file, offset: last.end }, gtid: undefined }, last };
  if (prepared === 0 && !tail.hasOthers) return { start: position, last: undefined };
  throw unknown(
    key,
    `its binary log holds ${tail.commits} commits after the storage engine’s own position, and the engine had ${prepared} of them prepared`,
  );
}

export interface RecoveredEnd {
  readonly start: LogStart;
  /** The last transaction of the log that is in the copy, of those that crash recovery may have committed. */
  readonly last: LogTransaction | undefined;
}

interface Tail {
  last: LogTransaction | undefined;
  /** Commits of the storage engine. */
  commits: number;
  /** Statements that are no transaction of it, as those that define tables. */
  hasOthers: boolean;
  hasXa: boolean;
}

/** What the log holds after a position. Where its end is cut within an event, it is read up to there: a server does so, too. */
async function readTail(
  logs: UsedLogs,
  first: number,
  before: { readonly file: string; readonly offset: number },
  signal: AbortSignal,
): Promise<Tail> {
  const names = logs.names.slice(first);
  const read = async (newestBytes: number | undefined): Promise<Tail> => {
    const tail: Tail = { last: undefined, commits: 0, hasOthers: false, hasXa: false };
    const files = names.map((name) => ({
      name,
      open: () => logs.open(name, name === names.at(-1) ? newestBytes : undefined, signal),
    }));
    const ends = new Set<number>();
    const from = { file: before.file, position: before.offset };
    const onEvent = (event: { readonly type: string; readonly end: number }): void => {
      if (event.type === 'xid') ends.add(event.end);
    };
    for await (const transactions of readTransactions({ files, from }, signal, { onEvent })) {
      for (const transaction of transactions) {
        tail.last = transaction;
        if (transaction.xid !== undefined) tail.hasXa = true;
        else if (ends.has(transaction.end)) tail.commits += 1;
        else tail.hasOthers = true;
      }
      ends.clear();
    }
    return tail;
  };
  return read(undefined).catch((error: unknown) => {
    const isCut = error instanceof LogFileError && error.problem === 'cut' && error.file === names.at(-1);
    if (!isCut) throw error;
    return read(error.position);
  });
}

/** Whether what the server itself read of the log, as its `gtid_binlog_state`, holds a transaction: it does where both read it to the same end. */
export function holdsGtid(state: string, gtid: string): boolean {
  const [domain, server, number = ''] = gtid.split('-');
  return state.split(',').some((each) => {
    const [ofDomain, ofServer, newest = ''] = each.trim().split('-');
    return ofDomain === domain && ofServer === server && /^\d+$/.test(newest) && BigInt(newest) >= BigInt(number);
  });
}

/** @param why to follow "…: ". */
export function unknown(key: string, why: string): DrillError {
  return new DrillError(
    'log-start-unknown',
    `${key} was copied while its server ran, and where it stands in the server’s log cannot be told: ${why}`,
    {
      hint: 'Stop the server before its files are copied, or take the backup with mariadb-backup or XtraBackup, which record the position. With `recover: { to: backup-end }` the copy is restored as it is.',
    },
  );
}
