import { z } from 'zod';
import { duration, flag, mapping, oneOf } from './fields.ts';

/** `backup.immutable` of a drill file. */
export const immutableSchema = z
  .union(
    [
      duration(),
      mapping({
        for: duration()
          .describe('For how long after it was stored the backup has to be locked.')
          .meta({ examples: ['30d'] }),
        mode: oneOf(['governance', 'compliance'])
          .default('governance')
          .describe('`compliance`: a lock that nobody can lift. `governance`: either kind of lock.'),
        probe: flag()
          .default(false)
          .describe(
            'Also write a marker object, `.firedrill-deletion-probe` below the prefix, and try to delete it; the store has to refuse. With the credentials of `backup.identity`, where it has some.',
          ),
        onFinding: oneOf(['fail', 'warn'])
          .default('fail')
          .describe('What a backup that can be deleted does to the run: `fail` it, or `warn`.'),
      }),
    ],
    { error: 'must be a duration such as 30d, or a mapping with for' },
  )
  .optional()
  .describe(
    'Ask the store whether the backup is protected from deletion (S3 Object Lock) for so long after it was stored: `30d`. Default: not asked.',
  )
  .meta({ examples: ['30d', { for: '30d', mode: 'compliance', probe: true }] });
