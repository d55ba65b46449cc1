import { z } from 'zod';
import { DESTRUCTIVE_EVENTS, type LogPositionKey } from '../engines/format.ts';
import { mapping, name, oneOf, wholeNumber } from './fields.ts';
import { parseBefore, parsePosition, parseRecoverTo, TARGET_EXAMPLES } from './recovery-target.ts';

function position(key: LogPositionKey, what: string) {
  return name(what).superRefine((text, context) => {
    const parsed = parsePosition({ [key]: text });
    if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
  });
}

const error = `must be ${TARGET_EXAMPLES}, or a mapping with lsn, xid, name, gtid, position or before`;

/** `recover:` in a drill file. */
export const recoverSchema = mapping({
  to: z
    .union(
      [
        z.string({ error }).superRefine((text, context) => {
          const parsed = parseRecoverTo(text);
          if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
        }),
        mapping({
          lsn: position('lsn', 'a position in the log such as 0/76C2858').describe(
            'A position in the log: `recovery_target_lsn`.',
          ),
        }),
        mapping({
          xid: position('xid', 'the number of a transaction, in quotes').describe(
            'The number of a transaction: `recovery_target_xid`.',
          ),
        }),
        mapping({
          name: position('name', 'the name of a restore point').describe(
            'The name of a restore point created with `pg_create_restore_point`.',
          ),
        }),
        mapping({
          gtid: position('gtid', 'the GTID of a transaction').describe(
            'MySQL and MariaDB: the last transaction to replay, by its GTID: `3e11fa47-71ca-11e1-9e33-c80aa9429562:23`, or `0-1-23`.',
          ),
        }),
        mapping({
          position: position('position', 'a file of the log and a position in it').describe(
            'MySQL and MariaDB: a binary log file and a position in it: `mysql-bin.000012:4711`. Events that end after it are not replayed.',
          ),
        }),
        mapping({
          before: oneOf(DESTRUCTIVE_EVENTS).describe(
            'The event to stop just before; it is found in the log, and recovery stops by position. `mass-delete` is the deletion of many rows of one table: a tenth of the table, in one transaction or in batches; in MySQL and MariaDB also 1000 rows; or `minRows`.',
          ),
          object: name('the name of a database, or of a table with its schema')
            .optional()
            .describe(
              'What was lost: `shop` for a database, `public.orders` or `shop.public.orders` for a table of PostgreSQL, `shop.orders` for one of MySQL and MariaDB. Default: the last event; for `mass-delete`, rows must then have been deleted from one table only.',
            ),
          minRows: wholeNumber(1, 1_000_000_000)
            .optional()
            .describe(
              'For `mass-delete`: the minimum number of deleted rows of one table, whatever their share of the table.',
            ),
        }).superRefine(({ before, object, minRows }, context) => {
          const parsed = parseBefore({ event: before, object, minRows });
          const path = minRows !== undefined && before !== 'mass-delete' ? ['minRows'] : ['object'];
          if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed, path });
        }),
      ],
      { error },
    )
    .describe(
      '`latest`: the end of the log archive, without a gap. `backup-end`: only as much of the log as makes the backup consistent. An instant with its time zone, or a day (midnight UTC); or `10m before start` of the run. `{ lsn: … }`, `{ xid: … }`, `{ name: … }`: as `recovery_target_lsn`, `_xid` and `_name` of PostgreSQL. `{ gtid: … }`, `{ position: mysql-bin.000012:4711 }`: in the binary log of MySQL and MariaDB. `{ before: drop-table, object: public.orders }`: just before the table was dropped, which is found in the log; also `drop-database`, `truncate` and `mass-delete`. Default: `latest` if there is a log archive (`backup.log`, or one in the repository), else `backup-end`.',
    )
    .meta({
      examples: [
        'latest',
        '2026-11-27T03:10:00Z',
        '10m before start',
        'random within 7d',
        { before: 'drop-table', object: 'public.orders' },
      ],
    }),
}).describe('Where recovery stops when a log is replayed after the backup is restored.');
