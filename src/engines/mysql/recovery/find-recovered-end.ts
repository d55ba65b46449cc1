import { DrillError } from '../../../support/errors.ts';
import { LogFileError } from '../log/read-errors.ts';
import { readTransactions } from '../log/read-transactions.ts';
import type { LogTransaction } from '../log/transaction.ts';
import type { LogStart } from './log-start.ts';

/** Binary logs of a server that was copied while running; crash recovery used the newest. */
export interface UsedLogs {
  /** In order, without folders: the newest is the last. */
  readonly names: readonly string[];
  /** @param bytes how much of it to read, from the beginning; undefined: all. */
  open(name: string, bytes: number | undefined, signal: AbortSignal): AsyncIterable<Buffer>;
}

export interface CrashRecovery {
  /** The backup's key, for use in messages. */
  readonly key: string;
  /** Position of the storage engine's last transaction before crash recovery committed the prepared ones. */
  readonly position: LogStart | undefined;
  /** Number of prepared transactions. */
  readonly prepared: number;
  readonly logs: UsedLogs;
}

/**
 * Finds a copy's position in its server's log after crash recovery. Crash recovery commits transactions that are prepared in the storage engine and complete in
 * the log, which the engine's own position, recorded earlier, does not include. So the copy is at the end of the log's last complete transaction, unless the
 * log contains more commits after that position than were prepared: a server that flushes its log to disk earlier than its data
 * (`innodb_flush_log_at_trx_commit` other than 1). Source: MariaDB's sql/log.cc, TC_LOG_BINLOG::recover, and storage/innobase/trx/trx0sys.cc.
 * @throws DrillError `log-start-unknown` if it cannot be determined; what reading the log throws.
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
  /** Last transaction of the log that is in the copy, among those that crash recovery may have committed. */
  readonly last: LogTransaction | undefined;
}

interface Tail {
  last: LogTransaction | undefined;
  /** Number of commits in the storage engine. */
  commits: number;
  /** Whether there are statements outside its transactions, such as those that define tables. */
  hasOthers: boolean;
  hasXa: boolean;
}

/** Reads the log after a position. If the log is cut off inside an event, it is read up to there, as a server does. */
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

/**
 * Whether the part of the log that the server itself read, according to its `gtid_binlog_state`, contains a transaction: it does if both read the log to the
 * same end.
 */
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
    `${key} was copied while its server was running, and its position in the server’s log is unknown: ${why}`,
    {
      hint: 'Stop the server before its files are copied, or take the backup with mariadb-backup or XtraBackup, which record the position. With `recover: { to: backup-end }` the copy is restored as it is.',
    },
  );
}
