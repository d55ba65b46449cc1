import { z } from 'zod';
import { ALL_DRIVERS, CREDENTIAL_KEYS, SOURCE_DEFINITIONS, SOURCE_EXAMPLES, SOURCE_KEYS } from '../backup/registry.ts';
import { missingZone, parseInstant } from '../support/instants.ts';
import { parseDurationMs } from '../support/quantities.ts';
import { expandable, listWords, mapping, name, oneOf } from './fields.ts';
import { immutableSchema } from './immutable-schema.ts';
import { keySchema } from './key-schema.ts';
import { opensslSchema } from './openssl-schema.ts';
import { timezoneSchema } from './schedule-schema.ts';

const sourceUrl = expandable(SOURCE_EXAMPLES);

/** `backup:` in a drill file: the backup location, and which backup is restored. */
export const backupSchema = mapping({
  source: sourceSchema(),
  ...SOURCE_KEYS,
  keys: keyList()
    .optional()
    .describe(
      'The keys that decrypt the backup. They are read only if the backup is encrypted, and each is tried. For age: an identity file (`AGE-SECRET-KEY-1…`), or a passphrase. For OpenPGP: a private key (`gpg --export-secret-keys --armor`), the passphrase that protects it, or the passphrase of `gpg --symmetric`. For `openssl enc` and zip archives: the passphrase. For tables that the server itself encrypts: its key file, not encrypted.',
    ),
  openssl: opensslSchema().optional(),
  identity: mapping({
    keys: keyList()
      .optional()
      .describe('The keys of the person who recovers, written like `backup.keys`. Default: `backup.keys`.'),
    credentials: mapping(CREDENTIAL_KEYS)
      .refine((credentials) => Object.keys(credentials).length > 0, { error: 'is empty; leave it out' })
      .optional()
      .describe(
        'The credentials of the person who recovers; they replace all credentials under `backup`. A variable or file that is missing here is an error only in runs that use it. Default: those of the drill.',
      ),
    use: name('on-request, always, or every 30d')
      .superRefine((text, context) => {
        const message = explainUse(text);
        if (message) context.addIssue({ code: 'custom', message });
      })
      .default('on-request')
      .describe(
        'When runs use this identity. `on-request`: only `firedrill run --as recovery`. `always`: every run. `every 30d`: a run if it was not proven within that time; other runs use the drill’s keys and credentials.',
      )
      .meta({ examples: ['on-request', 'always', 'every 30d'] }),
  })
    .refine(({ keys, credentials }) => keys ?? credentials, { error: 'needs keys or credentials' })
    .optional()
    .describe(
      'The keys and credentials of the person who recovers, if they differ from the drill’s. Runs record which of the two they used, and reports say when recovery was last proven with these.',
    ),
  log: mapping({ source: sourceSchema(), ...SOURCE_KEYS })
    .optional()
    .describe(
      'Where the server’s log is archived: the WAL of PostgreSQL (`archive_command`) for physical backups, the binary logs of MySQL and MariaDB for backups that state their position in them. Recovery continues from the backup to `recover.to`. Its source is written like `backup.source`, and `backup.keys` decrypt it. If it is in the same kind of store and sets none of these itself, it uses the `endpoint`, `region` and credentials of `backup`.',
    ),
  match: name('a pattern such as orders-*.dump')
    .describe(
      'Pattern that this drill’s backups match, relative to the prefix: `*` matches within a path segment, `**` across segments.',
    )
    .meta({ examples: ['orders-*.dump'] }),
  member: name('a pattern such as orders.sql or *.sql.gz')
    .optional()
    .describe(
      'Which file in a zip archive or tar is the dump: a pattern for its name in any folder, or for its whole path if it contains a `/`. Default: the only dump in it.',
    )
    .meta({ examples: ['orders.sql'] }),
  select: z
    .union([selectText(), selectAsOf()], {
      error: 'must be latest, random 30d, the key of a backup, or a mapping with asOf',
    })
    .default('latest')
    .describe(
      'Which backup to restore. `latest`: the one taken last. `random 30d`: one taken within that time, chosen at random for each run (seeded by the run’s id), so that older backups are proven too. `{ asOf: … }`: the newest that the store held at an instant. Anything else is the key of one backup.',
    )
    .meta({ examples: ['latest', 'random 30d', { asOf: '2026-11-27T03:00:00Z' }] }),
  immutable: immutableSchema,
  takenAt: oneOf(['name', 'modified', 'tag'])
    .default('modified')
    .describe(
      'Where the time of a backup comes from: a date in its `name`, the time at which it was last `modified` in the store, or its `tag` taken-at.',
    ),
  timezone: timezoneSchema
    .optional()
    .describe(
      'Time zone of dates in names that have no offset: an IANA zone such as `Europe/Berlin`. Default: `UTC`. For `takenAt: name`.',
    )
    .meta({ examples: ['Europe/Berlin'] }),
});

function keyList() {
  return z
    .array(keySchema(), { error: 'must be a list of keys, such as [{ env: BACKUP_KEY }]' })
    .refine((keys) => keys.length > 0, { error: 'is an empty list; leave it out for backups that are not encrypted' })
    .refine((keys) => keys.length <= 20, { error: 'holds more than 20 keys' });
}

function selectText() {
  return name('latest, random 30d, or the key of a backup').superRefine((text, context) => {
    const window = parseRandom(text);
    if (window === undefined || parseDurationMs(window) !== undefined) return;
    const example = 'write random and a duration, such as random 30d';
    const shown = JSON.stringify(window);
    const message = window === '' ? `has no duration; ${example}` : `${shown} is not a duration; ${example}`;
    context.addIssue({ code: 'custom', message });
  });
}

function selectAsOf() {
  return mapping({
    asOf: z
      .string({ error: 'must be an instant such as 2026-11-27T03:00:00Z, or how long before the run, such as 36h' })
      .superRefine((text, context) => {
        if (parseDurationMs(text) !== undefined || parseInstant(text)) return;
        const message = `${JSON.stringify(text)} is not an instant such as 2026-11-27T03:00:00Z, nor a duration such as 36h${missingZone(text)}`;
        context.addIssue({ code: 'custom', message });
      })
      .describe(
        'Choose among the versions that the store held at this instant, including those deleted or replaced since; requires a store that keeps versions. A day means midnight UTC. Or how long before the run: `36h`.',
      )
      .meta({ examples: ['2026-11-27T03:00:00Z', '36h'] }),
    key: name('the key of a backup').optional().describe('The key of one backup. Default: the newest at that time.'),
  });
}

function sourceSchema() {
  return z
    .union(
      [
        sourceUrl,
        mapping({
          url: sourceUrl.optional().describe(`Backup location: ${SOURCE_EXAMPLES}.`),
          ...Object.fromEntries(SOURCE_DEFINITIONS.map(({ key, schema }) => [key, schema.optional()])),
          ...SOURCE_KEYS,
        }),
      ],
      {
        error: `must be ${SOURCE_EXAMPLES}, or a mapping with ${listWords(['url', ...SOURCE_DEFINITIONS.map(({ key }) => key)], 'or')}`,
      },
    )
    .describe(
      `Backup location: ${listWords(
        ALL_DRIVERS.flatMap(({ usage }) => usage),
        'or',
      )}. \`\${NAME}\` and \`\${NAME:-default}\` are replaced.`,
    );
}

/** The text after `every` in `identity.use`; undefined: `use` is something else. */
export function parseEvery(use: string): string | undefined {
  return textAfter('every', use);
}

/** The text after `random` in `select`; undefined: `select` is something else. */
export function parseRandom(select: string): string | undefined {
  return textAfter('random', select);
}

function textAfter(first: string, text: string): string | undefined {
  const [word, ...rest] = text.trim().split(/\s+/);
  return word === first ? rest.join(' ') : undefined;
}

function explainUse(text: string): string | undefined {
  const period = parseEvery(text);
  if (period === undefined)
    return ['on-request', 'always'].includes(text) ? undefined : 'must be on-request, always, or every and a duration';
  if (parseDurationMs(period) !== undefined) return undefined;
  return `${period === '' ? 'has no duration' : `${JSON.stringify(period)} is not a duration`}; write every and a duration, such as every 30d`;
}
