import { z } from 'zod';
import { ALL_DRIVERS, SOURCE_EXAMPLES, SOURCE_KEYS } from '../backup/registry.ts';
import { parseDurationMs } from '../support/quantities.ts';
import { expandable, listWords, mapping, name, oneOf } from './fields.ts';
import { timezoneSchema } from './schedule-schema.ts';

const sourceUrl = expandable(SOURCE_EXAMPLES);

/** `backup:` of a drill file: the backup location, and which backup is restored. */
export const backupSchema = mapping({
  source: z
    .union([sourceUrl, mapping({ url: sourceUrl.describe(`Backup location: ${SOURCE_EXAMPLES}.`), ...SOURCE_KEYS })], {
      error: `must be ${SOURCE_EXAMPLES}, or a mapping with url`,
    })
    .describe(
      `Backup location: ${listWords(
        ALL_DRIVERS.flatMap(({ usage }) => usage),
        'or',
      )}. \`\${NAME}\` and \`\${NAME:-default}\` are replaced.`,
    ),
  ...SOURCE_KEYS,
  match: name('a pattern such as orders-*.dump')
    .describe(
      'Pattern of this drill’s backups, below the prefix: `*` stays within a path segment, `**` crosses segments.',
    )
    .meta({ examples: ['orders-*.dump'] }),
  select: name('latest, random 30d, or the key of a backup')
    .superRefine((text, context) => {
      const window = parseRandom(text);
      if (window === undefined || parseDurationMs(window) !== undefined) return;
      const example = 'write random and a duration, such as random 30d';
      const shown = JSON.stringify(window);
      const message = window === '' ? `has no duration; ${example}` : `${shown} is not a duration; ${example}`;
      context.addIssue({ code: 'custom', message });
    })
    .default('latest')
    .describe(
      '`latest`: the newest by when it was taken. `random 30d`: one of those taken within that time, chosen at random for each run from the run’s id, so that older backups are proven too. Anything else is the key of one backup.',
    )
    .meta({ examples: ['latest', 'random 30d'] }),
  takenAt: oneOf(['name', 'modified', 'tag'])
    .default('modified')
    .describe(
      'Where the time at which a backup was taken comes from: a date in its `name`, the time at which the store `modified` it, or its `tag` taken-at.',
    ),
  timezone: timezoneSchema
    .optional()
    .describe(
      'Time zone of dates in names that have no offset: an IANA zone such as `Europe/Berlin`. Default: `UTC`. For `takenAt: name`.',
    )
    .meta({ examples: ['Europe/Berlin'] }),
});

/** The text after the word `random` in `select`; undefined: `select` is something else. */
export function parseRandom(select: string): string | undefined {
  const [word, ...rest] = select.trim().split(/\s+/);
  return word === 'random' ? rest.join(' ') : undefined;
}
