import { z } from 'zod';
import { parseDurationMs } from '../support/quantities.ts';
import { expandable, flag, mapping, name, oneOf, secret } from './fields.ts';
import { timezoneSchema } from './schedule-schema.ts';

const sourceKeys = {
  endpoint: expandable('the URL of an S3-compatible store')
    .optional()
    .describe('S3-compatible store to ask instead of AWS: `https://s3.example.com`. `${NAME}` is replaced.'),
  region: expandable('a region such as eu-central-1')
    .optional()
    .describe('Default: what the AWS SDK finds. `${NAME}` is replaced.'),
  forcePathStyle: flag()
    .optional()
    .describe('Address buckets as `endpoint/bucket` instead of `bucket.endpoint`; most self-hosted stores need it.'),
  profile: expandable('the name of a profile')
    .optional()
    .describe('Profile of the AWS configuration files to take credentials from. `${NAME}` is replaced.'),
  accessKeyId: secret()
    .optional()
    .describe(
      'Only when the SDK’s own credential chain shall not be used: `${NAME}` or `{ file: PATH }`, never the key itself.',
    ),
  secretAccessKey: secret()
    .optional()
    .describe('Belongs to accessKeyId: `${NAME}` or `{ file: PATH }`, never the secret itself.'),
};

const URL_HELP = 's3://BUCKET/PREFIX/ or a directory such as ./backups';

const sourceUrl = expandable(URL_HELP);

/** `backup:` of a drill file: where backups lie, and which of them is restored. */
export const backupSchema = mapping({
  source: z
    .union([sourceUrl, mapping({ url: sourceUrl.describe(`Backup location: ${URL_HELP}.`), ...sourceKeys })], {
      error: `must be ${URL_HELP}, or a mapping with url`,
    })
    .describe(
      'Backup location: `s3://BUCKET/PREFIX/`, `./directory` (relative to this file) or `/absolute/directory`. `${NAME}` and `${NAME:-default}` are replaced.',
    ),
  ...sourceKeys,
  match: name('a pattern such as orders-*.dump')
    .describe(
      'Which of them belong to this drill, below the prefix: `*` stays within a path segment, `**` crosses segments.',
    )
    .meta({ examples: ['orders-*.dump'] }),
  select: name('latest, random 30d, or the key of a backup')
    .superRefine((text, context) => {
      const window = parseRandom(text);
      if (window === undefined || parseDurationMs(window) !== undefined) return;
      const example = 'write random and a duration, such as random 30d';
      const shown = JSON.stringify(window);
      const message =
        window === '' ? `does not say out of how long a time; ${example}` : `${shown} is no duration; ${example}`;
      context.addIssue({ code: 'custom', message });
    })
    .default('latest')
    .describe(
      '`latest`: the newest by when it was taken. `random 30d`: any of those taken within that time, drawn anew for each run from the run’s id, so that older backups are proven too. Anything else is the key of one backup.',
    )
    .meta({ examples: ['latest', 'random 30d'] }),
  takenAt: oneOf(['name', 'modified', 'tag'])
    .default('modified')
    .describe(
      'Where it is read when a backup was taken: a date in its `name`, the instant the store `modified` it, or its `tag` taken-at.',
    ),
  timezone: timezoneSchema
    .optional()
    .describe(
      'In which dates and times in names are meant, where they carry no offset: an IANA zone such as `Europe/Berlin`. Default: `UTC`. For `takenAt: name`.',
    )
    .meta({ examples: ['Europe/Berlin'] }),
});

/** What follows the word `random` in `select`; undefined: it is something else. */
export function parseRandom(select: string): string | undefined {
  const [word, ...rest] = select.trim().split(/\s+/);
  return word === 'random' ? rest.join(' ') : undefined;
}
