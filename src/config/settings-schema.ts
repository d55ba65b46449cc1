import { z } from 'zod';
import { describeDefaultRuntime, RUNTIME_NAMES, runtimeKeys } from '../sandbox/registry.ts';
import { accessSchema } from './access-schema.ts';
import { discoverSchema } from './discover-schema.ts';
import * as fields from './fields.ts';
import { cpuLimit, expandable, isWebAddress, mapping, memorySize, name, oneOf } from './fields.ts';
import { limitsSchema } from './limits-schema.ts';
import { notifySchema } from './notify-schema.ts';
import { pricesSchema } from './prices-schema.ts';
import { reportsSchema } from './reports-schema.ts';
import { serveSchema } from './serve-schema.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** `firedrill.yaml` as written by hand: settings for all drills on this machine. Everything in it is optional. */
export const settingsSchema = mapping({
  store: expandable('the path of a database file, or a URL such as postgres://firedrill@db.example.com/firedrill')
    .default('.firedrill/history.db')
    .describe(
      'Where history is kept: a file, relative to this one, or a `postgres://` URL with the password as `${NAME}` ([store.md](store.md)). `FIREDRILL_STORE` overrides it.',
    )
    .meta({ examples: ['.firedrill/history.db', 'postgres://firedrill:${STORE_PASSWORD}@db.example.com/firedrill'] }),
  drills: name('the path of a directory')
    .default('drills')
    .describe('Directory of the drill files. Relative to this file.'),
  runtime: oneOf(RUNTIME_NAMES)
    .optional()
    .describe(
      `For drills that do not set one. \`FIREDRILL_RUNTIME\` overrides it. Default: ${describeDefaultRuntime((name) => `\`${name}\``)}.`,
    ),
  images: z
    .record(z.string(), name('the name of an image'), { error: 'must be a mapping of image names' })
    .default({})
    .describe('Images to use instead of others, such as a mirror’s: `postgres:17: registry.example.com/postgres:17`.'),
  prices: pricesSchema
    .default({})
    .describe(
      'What reading costs, by source prefix; the longest matching prefix applies. Used in plans, records and budgets.',
    )
    .meta({ examples: [{ 's3://acme-backups/': { perGb: 0.09, perThousandRequests: 0.0004, currency: 'USD' } }] }),
  sandbox: mapping({
    memory: memorySize().optional().describe('Memory limit for drills that do not set one. Default: `2g`.'),
    cpus: cpuLimit().optional().describe('CPU limit for drills that do not set one. Default: `2`.'),
    ...runtimeKeys(fields),
  })
    .prefault({})
    .describe('Limits of sandboxes.')
    .meta({ examples: [{ memory: '4g', cpus: 4 }] }),
  serve: serveSchema
    .prefault({})
    .describe('How `firedrill serve` runs the drills.')
    .meta({ examples: [{ sandboxes: 4, memory: '12g', lookAtBackups: '30m' }] }),
  limits: limitsSchema
    .prefault({})
    .describe(
      'Limits for all machines that share the store; set the same limits on each machine ([fleet.md](fleet.md#limits)).',
    )
    .meta({
      examples: [{ sources: { 's3://acme-backups/': { maxRuns: 2 } }, pools: { 'eu-payments': { maxRuns: 4 } } }],
    }),
  access: accessSchema
    .prefault({})
    .describe('Who may see and use the pages of `firedrill serve`.')
    .meta({ examples: [{ proxyHeader: 'X-Forwarded-User', proxyFrom: ['127.0.0.1/32'], proxyOperators: ['alice'] }] }),
  notify: notifySchema
    .prefault({})
    .describe('Notifications when a drill fails, breaks or is overdue, and when it recovers.')
    .meta({
      examples: [
        {
          channels: {
            oncall: { type: 'pagerduty', routingKey: '${PD_KEY}' },
            team: { type: 'slack', url: '${SLACK_URL}' },
          },
          routes: [{ to: ['oncall'], tier: [0, 1], status: ['failed', 'overdue'] }, { to: ['team'] }],
        },
      ],
    }),
  reports: reportsSchema
    .default([])
    .describe('Reports that `firedrill serve` mails on a schedule.')
    .meta({ examples: [[{ name: 'monthly', cron: '0 7 1 * *', period: 'month', channel: 'mail' }]] }),
  discover: discoverSchema
    .prefault({})
    .describe('Finds backups and databases that no drill covers (`firedrill discover`).')
    .meta({
      examples: [
        { cron: '30 6 * * *', sources: ['s3://acme-archive/'], servers: ['postgres://firedrill@db1.example.com'] },
      ],
    }),
  publicUrl: name('a URL')
    .refine((text) => isWebAddress(text) && !/[?#]/.test(text), {
      error: 'must be a URL such as https://firedrill.example.com',
    })
    .optional()
    .describe('The public URL of this installation’s pages; notifications link to runs under it. Default: no links.'),
  logLevel: oneOf(LOG_LEVELS).default('info').describe('Log level.'),
});

export type SettingsFile = z.output<typeof settingsSchema>;
