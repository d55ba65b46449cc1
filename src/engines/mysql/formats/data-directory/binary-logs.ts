import type { LogHead } from '../../log/start-coordinates.ts';
import { type LogStart, logStartOf } from '../../recovery/log-start.ts';
import type { CopiedFiles } from './look-at-copy.ts';

/** Set in a log's first event while the server is writing to it. Source: MySQL's binlog_event.h, LOG_EVENT_BINLOG_IN_USE_F. */
const IN_USE = 1;

/** What the binary logs in a copy mean for its recovery. */
export interface CopiedLogs {
  readonly settings: Readonly<Record<string, string>>;
  /** Where the log of a stopped server ends; undefined if the newest log was still being written, or the copy has none. */
  readonly start: LogStart | undefined;
  /** Head of the newest log in the copy. */
  readonly newest: LogHead | undefined;
  /** All logs in the copy, if recovery uses the newest of them. */
  readonly used: readonly string[] | undefined;
}

/**
 * A server that was running when its volume was snapshotted may have transactions that are prepared in InnoDB, and only its newest binary log records which of
 * them were committed. Recovery needs that log, as the server itself would.
 */
export function logOf({ files, logIndexes, logFlags, logHeads }: CopiedFiles): CopiedLogs {
  const [index, names] = [...logIndexes].find(([name]) => !/relay/.test(name)) ?? [];
  const last = names?.at(-1);
  if (index === undefined || last === undefined)
    return { settings: {}, start: undefined, newest: undefined, used: undefined };
  const newest = logHeads.get(last);
  const isOpen = ((logFlags.get(last) ?? 0) & IN_USE) !== 0;
  if (!isOpen) return { settings: {}, start: logStartOf(last, files.get(last) ?? 0), newest, used: undefined };
  const base = last.replace(/\.\d+$/, '');
  return {
    settings: { log_bin: base, log_bin_index: index, server_id: '1' },
    start: undefined,
    newest,
    used: names,
  };
}
