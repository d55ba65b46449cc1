import { z } from 'zod';
import { duration, flag, mapping, oneOf } from './fields.ts';

/** `backup.immutable` in a drill file. */
export const immutableSchema = z
  .union(
    [
      duration(),
      mapping({
        for: duration()
          .describe('How long after it was stored the backup must be locked.')
          .meta({ examples: ['30d'] }),
        mode: oneOf(['governance', 'compliance'])
          .default('governance')
          .describe('`compliance`: a lock that nobody can lift. `governance`: either kind of lock.'),
        probe: flag()
          .default(false)
          .describe(
            'Also write a marker object, `.firedrill-deletion-probe` under the prefix, and try to delete it; the store must refuse. Uses the credentials of `backup.identity`, if it has any.',
          ),
        onFinding: oneOf(['fail', 'warn'])
          .default('fail')
          .describe('What to do if the backup can be deleted: `fail` the run, or `warn`.'),
      }),
    ],
    { error: 'must be a duration such as 30d, or a mapping with for' },
  )
  .optional()
  .describe(
    'Check that the store protects the backup from deletion (S3 Object Lock) for this long after it was stored: `30d`. Default: not checked.',
  )
  .meta({ examples: ['30d', { for: '30d', mode: 'compliance', probe: true }] });
