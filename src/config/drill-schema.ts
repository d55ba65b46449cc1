import { z } from 'zod';
import { ENGINE_DESCRIPTORS, ENGINE_TYPES, OWN_ENGINE_KEYS } from '../engines/registry.ts';
import { allowedSettings } from '../engines/server-settings.ts';
import { describeDefaultRuntime, RUNTIME_NAMES } from '../sandbox/registry.ts';
import { parseRatio } from '../support/quantities.ts';
import { COUNTABLE_STAGES } from '../support/vocabulary.ts';
import { backupSchema } from './backup-schema.ts';
import { baselineSchema } from './baseline-schema.ts';
import { checkSchema } from './check-schema.ts';
import {
  cpuLimit,
  duration,
  expandable,
  listWords,
  mapping,
  matchesEverything,
  memorySize,
  name,
  oneOf,
  pattern,
  prose,
  wholeNumber,
} from './fields.ts';
import { labelsSchema } from './labels-schema.ts';
import { poolSchema } from './pool-schema.ts';
import { budgetSchema } from './prices-schema.ts';
import { proveSchema } from './prove-schema.ts';
import { raceSchema } from './race-schema.ts';
import { recoverSchema } from './recover-schema.ts';
import { scheduleSchema, timezoneSchema } from './schedule-schema.ts';
import { snapshotSchema } from './snapshot-schema.ts';

/**
 * A drill file as written by hand. The single source of validation, JSON Schema (`firedrill schema`), docs/reference.md and types; {@link
 * file://./resolve-drill.ts} makes a Drill of it. Nothing here looks outside the file (variables, SQL files).
 */

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

/** `MySQL and MariaDB: …`: engines with the same settings are grouped. */
function describeSettings(): string {
  const titles = new Map<string, string[]>();
  for (const type of ENGINE_TYPES) {
    const { title } = ENGINE_DESCRIPTORS[type];
    const allowed = allowedSettings(ENGINE_DESCRIPTORS[type]);
    if (allowed.length === 0) continue;
    const names = code(allowed);
    titles.set(names, [...(titles.get(names) ?? []), title]);
  }
  return [...titles].map(([names, engines]) => `${listWords(engines, 'and')}: ${names}.`).join(' ');
}

const COMMON_ENGINE_KEYS = {
  type: oneOf(ENGINE_TYPES).describe('The database server.'),
  version: z
    .union([name('from-backup, or a version such as 17'), z.int()], {
      error: 'must be from-backup, a whole number, or a version in quotes such as "10.11"',
    })
    .default('from-backup')
    .describe(
      '`from-backup`: the version in the backup’s header. Or a specific version; quote it if it contains a dot.',
    ),
  database: name('the name of a database')
    .optional()
    .describe('The database that checks connect to. Default: the one named in the backup.'),
  image: expandable('the name of an image')
    .optional()
    .describe(
      'An image to use instead of the stock image, such as one with extensions. `${NAME}` is replaced. Default: the engine’s image of that version.',
    ),
  completionLine: oneOf(['required', 'optional']).optional().describe('Deprecated; use `restore.completionLine`.'),
  preload: z
    .array(z.string().regex(/^[A-Za-z_][\w-]*$/, { error: 'must be the name of a library, such as pg_cron' }), {
      error: 'must be a list of library names',
    })
    .default([])
    .describe(
      'Postgres only. Libraries to load at server start (`shared_preload_libraries`), for extensions in the backup that need it; `engine.image` must have them. Their background workers stay off where the extension can disable them.',
    )
    .meta({ examples: [['pg_cron', 'timescaledb']] }),
  settings: z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean()], { error: 'must be text, a number, true or false' }),
    )
    .default({})
    .describe(`Server settings that the backup needs. ${describeSettings()} Anything else is refused.`)
    .meta({ examples: [{ lower_case_table_names: 1, innodb_strict_mode: 'off' }] }),
};

/** Keys of individual engines are read by name, because no type here knows them. */
const engineKeys: typeof COMMON_ENGINE_KEYS = { ...COMMON_ENGINE_KEYS, ...OWN_ENGINE_KEYS };
const engine = mapping(engineKeys);

const sandbox = mapping({
  runtime: oneOf(RUNTIME_NAMES)
    .optional()
    .describe(`Default: ${describeDefaultRuntime((name) => `\`${name}\``)}.`),
  memory: memorySize()
    .optional()
    .describe('Memory limit of the sandbox. Default: the value in firedrill.yaml, else `2g`.'),
  cpus: cpuLimit().optional().describe('CPU limit of the sandbox. Default: the value in firedrill.yaml, else `2`.'),
  pids: wholeNumber(64, 1_000_000).default(512).describe('Limit on processes in the sandbox.'),
  storage: oneOf(['volume', 'tmpfs'])
    .default('volume')
    .describe('Where the server’s data is stored: an anonymous `volume`, or memory (`tmpfs`).'),
  durability: oneOf(['relaxed', 'production'])
    .default('relaxed')
    .describe(
      '`relaxed`: load without durability, then checkpoint, flush and restart with durable settings. `production`: durable from the first byte.',
    ),
});

const objectives = mapping({
  rto: duration()
    .describe('Recovery time objective: the drill fails when recovery takes longer.')
    .meta({ examples: ['15m'] }),
  rpo: duration()
    .optional()
    .describe('Recovery point objective: the drill fails when the newest backup is older. Default: not judged.')
    .meta({ examples: ['26h'] }),
  warnAt: z
    .union([z.string(), z.number()], { error: 'must be a share such as 80% or 0.8' })
    .default('80%')
    .superRefine((value, context) => {
      if (parseRatio(value) === undefined)
        context.addIssue({
          code: 'custom',
          message: `must be a share above 0 and up to 1 such as 80% or 0.8, not ${JSON.stringify(value)}`,
        });
    })
    .describe('A run that passes has a warning if it used more than this share of an objective.'),
  counts: z
    .array(oneOf(COUNTABLE_STAGES), { error: 'must be a list of stages' })
    .min(1, { error: 'is empty: no time would be counted, so no recovery could be too slow' })
    .refine((stages) => new Set(stages).size === stages.length, { error: 'names a stage twice' })
    .default([...COUNTABLE_STAGES])
    .describe(
      'The stages that count towards recovery time, which is the wall-clock time from the start of `locate` to the end of `verify`, minus the stages that are not listed. `plan` runs between `locate` and `provision` and also counts when both are listed. An image pull never counts.',
    ),
  deadline: duration()
    .optional()
    .describe('The run is canceled after this long. Default: 4 × rto, at least 10 minutes.'),
});

export const drillSchema = mapping({
  name: z
    .string({ error: 'must be text of lower-case letters, digits, dots, dashes and underscores' })
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, {
      error:
        'must be 1 to 63 lower-case letters, digits, dots, dashes and underscores, and begin with a letter or digit',
    })
    .describe('Unique among all drills; history is kept under this name.')
    .meta({ examples: ['orders'] }),
  description: prose('text')
    .optional()
    .describe('A description for people.')
    .meta({ examples: ['Orders and payments of the shop'] }),
  owner: name('a team or person')
    .optional()
    .describe('The team or person responsible for this database.')
    .meta({ examples: ['payments'] }),
  tier: wholeNumber(0, 9)
    .optional()
    .describe('Importance; by convention, 1 is the most important.')
    .meta({ examples: [1] }),
  labels: labelsSchema.optional(),
  backup: backupSchema.describe('The backup to restore.').meta({
    examples: [
      {
        source: { url: 's3://acme-backups/orders/', endpoint: 'https://s3.example.com', forcePathStyle: true },
        match: 'orders-*.dump',
        takenAt: 'name',
        keys: [{ env: 'BACKUP_KEY' }],
      },
    ],
  }),
  budget: budgetSchema
    .optional()
    .describe(
      'Limits on what a run may read from the source. A run that would exceed one is refused before it reads anything. Default: no limit.',
    )
    .meta({ examples: [{ read: '500g', cost: '5 USD' }] }),
  engine: engine
    .describe('The database server that the backup is restored into.')
    .meta({ examples: [{ type: ENGINE_TYPES[0], database: 'orders', preload: ['pg_cron'] }] }),
  sandbox: sandbox
    .prefault({})
    .describe('Limits of the sandbox.')
    .meta({ examples: [{ memory: '8g', cpus: 4 }] }),
  objectives: objectives
    .describe('Recovery objectives.')
    .meta({ examples: [{ rto: '15m', rpo: '26h', warnAt: '70%' }] }),
  restore: mapping({
    ignoreErrors: z
      .array(
        pattern((expression) =>
          matchesEverything(expression) ? 'matches every line: it would hide every error of the restore' : undefined,
        ),
        {
          error: 'must be a list of regular expressions',
        },
      )
      .default([])
      .describe(
        'Regular expressions. A restore error that matches one of them does not fail the drill; all errors are counted and shown.',
      ),
    completionLine: oneOf(['required', 'optional'])
      .optional()
      .describe(
        'For plain SQL by pg_dump, mysqldump or mariadb-dump. `required` (the default): a dump without the tool’s last line (`-- Dump completed`, `-- PostgreSQL database dump complete`) counts as truncated, because SQL that was cut short is still valid. `optional`: for backup jobs that remove that line; a missing line is then only a warning. Archives and directories do not need it.',
      ),
    jobs: wholeNumber(1, 256)
      .optional()
      .describe('Number of parallel restore jobs. Default: the sandbox’s number of CPUs.'),
    repository: z
      .enum(['staged', 'gateway'], { error: 'must be staged or gateway' })
      .optional()
      .describe(
        'How pgBackRest in the sandbox accesses its repository: `staged` copies what the backup needs; `gateway` lets it read the source through a read-only gateway. Default: `gateway` if the copy and the restored data would not both fit on the sandbox’s disk, else `staged`, which is faster.',
      ),
    snapshot: snapshotSchema.optional(),
  })
    .prefault({})
    .describe('How the backup is restored.')
    .meta({ examples: [{ jobs: 4, ignoreErrors: ['extension "pg_repack"'] }] }),
  recover: recoverSchema
    .optional()
    .meta({ examples: [{ to: '10m before start' }, { to: { before: 'drop-table', object: 'public.orders' } }] }),
  checks: z
    .array(checkSchema, { error: 'must be a list of checks' })
    .min(1, { error: 'is empty: a drill without checks cannot fail; add at least one' })
    .describe('Checks of the restored data. At least one is required: a drill without checks could not fail.')
    .meta({
      examples: [
        [
          { name: 'customers are all there', sql: 'select count(*) from customer', expect: { min: 599 } },
          { name: 'newest payment is recent', sql: 'select max(paid_at) from payment', expect: { newerThan: '26h' } },
          { name: 'the largest tables are all there', tables: [{ table: 'orders', minRows: 100_000 }] },
        ],
      ],
    }),
  baseline: baselineSchema
    .optional()
    .describe('Comparisons with the last good runs; the first run learns.')
    .meta({
      examples: [{ rows: '-10%..+25%', size: '-30%..+50%', schema: 'additive' }],
    }),
  runbook: name('the path or URL of a runbook')
    .optional()
    .describe(
      'The runbook for a real recovery, shown on failure. A URL, or a file next to the drill file or in a directory above it.',
    )
    .meta({ examples: ['runbooks/orders.md'] }),
  heartbeat: expandable('a URL')
    .optional()
    .describe(
      'A URL to ping when a run starts and ends, so that a monitoring service can alert on silence: `/start` at the start, the URL itself after a pass, `/fail` after anything else, as in healthchecks.io. `${NAME}` is replaced.',
    )
    .meta({ examples: ['https://hc-ping.com/${HEARTBEAT_ORDERS}'] }),
  prove: proveSchema
    .optional()
    .describe(
      'How often scheduled runs also prove which damage the drill catches: `weekly`, a duration such as `7d`, or `never`. A run includes a proof if the last one is older than that, or if the drill has changed since. Default: `weekly` for tiers 0 and 1, `never` for the others.',
    )
    .meta({ examples: ['weekly'] }),
  race: raceSchema.optional(),
  pool: poolSchema.optional(),
  schedule: scheduleSchema.optional(),
  timezone: timezoneSchema
    .optional()
    .describe('Time zone of the schedule. Default: `UTC`.')
    .meta({ examples: ['Europe/Berlin'] }),
});

/** A validated drill file with defaults filled in. */
export type DrillFile = z.output<typeof drillSchema>;
