import { z } from 'zod';
import { DESTRUCTIVE_EVENTS } from '../engines/format.ts';
import { mapping, name, oneOf } from './fields.ts';
import { parsePosition, parseRecoverTo, TARGET_EXAMPLES } from './recovery-target.ts';

function position(key: 'lsn' | 'xid' | 'name', what: string) {
  return name(what).superRefine((text, context) => {
    const parsed = parsePosition({ [key]: text });
    if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
  });
}

const error = `must be ${TARGET_EXAMPLES}, or a mapping with lsn, xid, name or before`;

/** `recover:` of a drill file. */
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
            'A name that was given with `pg_create_restore_point`.',
          ),
        }),
        mapping({
          before: oneOf(DESTRUCTIVE_EVENTS).describe('What recovery stops just before.'),
          object: name('the name of a database')
            .optional()
            .describe('The name of what was dropped. Default: whatever was dropped last.'),
        }),
      ],
      { error },
    )
    .describe(
      '`latest`: the end of the log archive, without a gap. `backup-end`: no more of the log than makes the backup consistent. An instant, with its time zone; or `10m before start` of the run. `{ lsn: … }`, `{ xid: … }`, `{ name: … }`: as `recovery_target_lsn`, `_xid` and `_name`. `{ before: drop-database, object: shop }`: just before the database was dropped, found in the log. Default: `latest` with a log archive (`backup.log`, or that of a repository which holds one), else `backup-end`.',
    )
    .meta({
      examples: ['latest', '2026-11-27T03:10:00Z', '10m before start', { before: 'drop-database', object: 'shop' }],
    }),
}).describe('Where the recovery of a physical backup stops.');
