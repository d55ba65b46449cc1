import { DrillError } from '../../../support/errors.ts';
import { FREE_UP_SPACE } from '../../../support/free-up-space.ts';

/**
 * ER_UNSUPPORTED_ENGINE: `Storage engine 'MyISAM' does not support system tables. [mysql.user]`, as MySQL 5.7 and older have them;
 * ER_COL_COUNT_DOESNT_MATCH_PLEASE_UPDATE and …_CORRUPTED_V2: `Column count of mysql.user is wrong. Expected 51, found 45.`
 */
const OLDER_TABLES = [1558, 1726, 1805];
/** ER_NOT_KEYFILE, ER_OLD_KEYFILE, ER_CRASHED_ON_USAGE, ER_CRASHED_ON_REPAIR, ER_INDEX_CORRUPT; ER_TABLE_CORRUPT of MySQL, ER_NO_SUCH_TABLE_IN_ENGINE of MariaDB. */
const DAMAGED_TABLES = [1034, 1035, 1194, 1195, 1712, 1877, 1932];
/** What the storage engines' own error numbers mean. Source: the manuals, "perror"; include/my_base.h. */
const ENGINE_ERRORS: Readonly<Record<string, string>> = {
  28: 'No space left on device',
  121: 'Duplicate key on write or update',
  126: 'Index file is crashed',
  127: 'Record file is crashed',
  134: 'Record was already deleted (or record file crashed)',
  138: 'Unsupported extension used for table',
  139: 'Too big row',
  140: 'Wrong create options',
  144: 'Table is crashed and last repair failed',
  145: 'Table was marked as crashed and should be repaired',
  150: 'Foreign key constraint is incorrectly formed',
  155: 'The table does not exist in the storage engine',
  168: 'Unknown (generic) error from engine',
};

/** @returns the server's number of an error (MySQL manual, "Server Error Message Reference"); 0 when the error is not the server's. */
export function numberOf(error: unknown): number {
  const { errno } = error as { errno?: unknown };
  return typeof errno === 'number' && errno > 0 ? errno : 0;
}

const LOST_CODES = [
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'EPIPE',
  'ECONNREFUSED',
  'ENOENT',
  'ERR_STREAM_DESTROYED',
];
/** Server shutdown in progress; connection killed. */
const LOST_NUMBERS = [1053, 1927, 3169, 4031];

/** Whether a session has ended, which says nothing about the statement. */
export function isLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && LOST_CODES.includes(code)) return true;
  return LOST_NUMBERS.includes(numberOf(error)) || /closed state|Connection lost|socket hang up/i.test(error.message);
}

/** Whether a statement failed because its disk, or a file system in memory, is full. */
export function isDiskFull(error: unknown): boolean {
  const number = numberOf(error);
  const isFull = /\b(?:error|errno): ?28\b|error 28\b|No space left on device|disk (?:is )?full/i.test(
    String((error as Error).message),
  );
  return number === 1021 || number === 1114 || number === 20 || isFull;
}

/**
 * Explains the rejection of the harness's own statements after a dump was run: before that, the same account could do everything.
 * @returns `restore-failed`, which blames the dump; an error that is not a server's response is returned unchanged.
 */
export function explainRefusal(error: unknown, what: string): unknown {
  const number = numberOf(error);
  if (number === 0 || error instanceof DrillError) return error;
  const words = withoutValues(String((error as Error).message));
  if (isDiskFull(error)) {
    return new DrillError('disk-full', `no space left in the sandbox: ${words}`, {
      hint: FREE_UP_SPACE,
      cause: error,
    });
  }
  if (OLDER_TABLES.includes(number)) {
    return new DrillError('version-unsupported', `the dump brings system tables of an older version: ${words}`, {
      hint: 'Set `engine.version: from-backup` so that the version that was dumped takes them, or drill a dump without the database mysql.',
      cause: error,
    });
  }
  if (DAMAGED_TABLES.includes(number)) {
    return new DrillError('backup-corrupt', `the server’s own tables are damaged: ${words} (ERROR ${number})`, {
      hint: 'Drill an older backup with `--backup`, and take a new one.',
      cause: error,
    });
  }
  return new DrillError(
    'restore-failed',
    `after the dump ran, the server refuses ${what}: ${words} (ERROR ${number})`,
    {
      hint: 'Find the statement in the dump that changes the server’s settings or accounts, most likely in a routine that it calls, and remove it.',
      cause: error,
    },
  );
}

/** @returns an error's message with the meaning of a storage engine's number inserted: `(errno: 140 "Wrong create options")` for `(errno: 140)`. */
export function withMeaning(message: string): string {
  return message
    .replaceAll(/\(errno: \d+ (?:- (.*?)|"(.*?)")\)/g, (_whole, one?: string, two?: string) => `(${one ?? two})`)
    .replaceAll(/\(errno:? (\d+)\)/g, (whole, number: string) => {
      const meaning = ENGINE_ERRORS[number];
      return meaning === undefined ? whole : `(${meaning})`;
    });
}

/**
 * An error's message without the values that it quotes: those of columns (`Incorrect integer value: '…' for column`), of keys (`Duplicate entry '…' for key`),
 * and of expressions. Names, which it also quotes, are retained.
 */
export function withoutValues(message: string): string {
  return message
    .replace(/\b(Duplicate entry|value:) '[\s\S]*'(?= for (?:key|column)\b)/i, "$1 '…'")
    .replace(/\b(value:) '(?!…')[\s\S]*'/i, "$1 '…'")
    .replace(/(character string:) '[\s\S]*'/i, "$1 '…'")
    .replace(/(value is out of range in) '[\s\S]*'$/i, "$1 '…'");
}
