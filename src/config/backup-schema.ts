import { z } from 'zod';
import { expandable, flag, mapping, name, oneOf, secret } from './fields.ts';

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
    .union([sourceUrl, mapping({ url: sourceUrl.describe(`Where the backups lie: ${URL_HELP}.`), ...sourceKeys })], {
      error: `must be ${URL_HELP}, or a mapping with url`,
    })
    .describe(
      'Where the backups lie: `s3://BUCKET/PREFIX/`, `./directory` (relative to this file) or `/absolute/directory`. `${NAME}` and `${NAME:-default}` are replaced.',
    ),
  ...sourceKeys,
  match: name('a pattern such as orders-*.dump')
    .describe(
      'Which of them belong to this drill, below the prefix: `*` stays within a path segment, `**` crosses segments.',
    )
    .meta({ examples: ['orders-*.dump'] }),
  select: name('latest, or the key of a backup')
    .default('latest')
    .describe('`latest`: the newest by when it was taken. Anything else is the key of one backup.'),
  takenAt: oneOf(['name', 'modified', 'tag'])
    .default('modified')
    .describe(
      'Where it is read when a backup was taken: a date in its `name`, the instant the store `modified` it, or its `tag` taken-at.',
    ),
});
