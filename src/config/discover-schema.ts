import { z } from 'zod';
import { SOURCE_EXAMPLES, SOURCE_KEYS } from '../backup/registry.ts';
import { ALL_ENGINES } from '../engines/registry.ts';
import { mapping, name, secret, wholeNumber } from './fields.ts';
import { cron, timezoneSchema } from './schedule-schema.ts';

const SCHEMES = [...new Set(ALL_ENGINES.flatMap(({ sql }) => sql?.urlSchemes ?? []))];
const URL_HELP = `must be the URL of a server such as ${SCHEMES[0]}://firedrill@db1.example.com`;
const source = name(SOURCE_EXAMPLES);

const serverUrl = z.string({ error: URL_HELP }).superRefine((text, context) => {
  const scheme = text.slice(0, Math.max(0, text.indexOf(':')));
  const message = !SCHEMES.includes(scheme) || !URL.canParse(text) ? URL_HELP : explainPassword(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

function explainPassword(text: string): string | undefined {
  if (new URL(text).password === '') return undefined;
  return 'must not hold a password; write { url: …, password: ${NAME} }';
}

/** `discover:` in firedrill.yaml: searches for backups and databases without a drill, on a schedule. {@link file://./resolve-discover.ts} reads it. */
export const discoverSchema = mapping({
  cron: cron
    .optional()
    .describe('When `firedrill serve` looks for them: `"30 6 * * *"`. Default: only `firedrill discover` does.')
    .meta({ examples: ['30 6 * * *'] }),
  timezone: timezoneSchema.default('UTC').describe('Time zone of `cron`.'),
  sources: z
    .array(
      z.union([source, mapping({ url: source.describe('As in the list.'), ...SOURCE_KEYS })], {
        error: `must be ${SOURCE_EXAMPLES}`,
      }),
      {
        error: 'must be a list of sources',
      },
    )
    .default([])
    .describe(
      'Additional backup locations, written like `backup.source` of a drill. The sources of all drills, and locations next to them, are always included.',
    )
    .meta({ examples: [['s3://acme-archive/', { url: 's3://old/', endpoint: 'https://s3.example.com' }]] }),
  servers: z
    .array(
      z.union(
        [
          serverUrl,
          mapping({
            url: serverUrl.describe('As in the list.'),
            password: secret().optional().describe('Its password: `${NAME}` or `{ file: PATH }`.'),
          }),
        ],
        { error: URL_HELP },
      ),
      { error: 'must be a list of servers' },
    )
    .default([])
    .describe(
      'Running servers whose databases are compared with the drills. Without a password, the one from the environment or the user’s own files is used.',
    )
    .meta({ examples: [['postgres://firedrill@db1.example.com']] }),
  maxRequests: wholeNumber(1, 1_000_000)
    .default(2000)
    .describe('How many requests one scan may send to all stores together; the next scan continues.'),
});

export type DiscoverFile = z.output<typeof discoverSchema>;
