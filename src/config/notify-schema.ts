import { z } from 'zod';
import { CHANNEL_SCHEMAS, CHANNEL_TYPES } from '../notify/channel-registry.ts';
import { REASONS } from '../support/vocabulary.ts';
import { listWords, mapping, name, oneOf, wholeNumber } from './fields.ts';
import { cron, timezoneSchema } from './schedule-schema.ts';

/** `notify:` in firedrill.yaml: who is notified, and how. {@link file://./resolve-notify.ts} makes NotifySettings of it. */

/** States that can be notified; `never` only once a first run is overdue. */
const ALERT_STATES = ['broken', 'never', 'failed', 'no-new-backup', 'overdue', 'errored', 'interrupted'] as const;

const CHANNEL_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

const channel = z.discriminatedUnion('type', CHANNEL_SCHEMAS, {
  error: ({ input }) =>
    typeof input === 'object' && input !== null && 'type' in input
      ? `must be ${listWords(CHANNEL_TYPES, 'or')}`
      : `must be a mapping with type: ${listWords(CHANNEL_TYPES, 'or')}`,
});

const channelNames = z
  .array(name('the name of a channel'), { error: 'must be a list of names of channels' })
  .min(1, { error: 'is empty; name at least one channel' });

function anyOf<Item extends z.ZodType>(item: Item, what: string) {
  return z
    .array(item, { error: `must be a list of ${what}` })
    .min(1, { error: 'is empty: no notification would match; leave the key out to match any' })
    .optional();
}

const route = mapping({
  to: channelNames.describe('Channels to notify.'),
  tier: anyOf(wholeNumber(0, 9), 'tiers').describe('Only drills of these tiers.'),
  owner: anyOf(name('a team or person'), 'owners').describe('Only drills of these owners.'),
  status: anyOf(oneOf(ALERT_STATES), 'states').describe(
    'Only these states. `failed`, `no-new-backup` and `never` (overdue and never drilled) concern the owner of the data; `errored`, `interrupted`, `overdue` and `broken` (an invalid drill file) concern the operators of Firedrill.',
  ),
  reason: anyOf(oneOf(REASONS), 'reasons').describe(
    'Only these reasons of a failed drill; `no-new-backup` counts as `stale-backup`.',
  ),
});

export const notifySchema = mapping({
  channels: z
    .record(z.string().regex(CHANNEL_NAME), channel, {
      error: ({ code }) =>
        code === 'invalid_key'
          ? 'is not a valid channel name; use 1 to 63 lower-case letters, digits, dots, dashes and underscores'
          : 'must be a mapping of names to channels',
    })
    .default({})
    .describe('Notification channels by name. `firedrill notify test` sends a test.'),
  routes: z
    .array(route, { error: 'must be a list of routes' })
    .min(1, { error: 'is empty: no notification would be sent; leave it out to send everything to every channel' })
    .optional()
    .describe(
      'Which notifications go to which channels; all matching routes apply. Default: everything goes to every channel. A resolution goes to the channels that got the problem.',
    ),
  reminders: oneOf(['daily', 'off'])
    .default('daily')
    .describe('`daily`: a reminder every 24 hours while the same problem lasts.'),
  digest: mapping({
    cron: cron.describe('When: `"0 8 * * *"`.').meta({ examples: ['0 8 * * *'] }),
    timezone: timezoneSchema.default('UTC').describe('Its time zone.'),
    to: channelNames.optional().describe('Names of channels. Default: every channel that takes digests.'),
  })
    .optional()
    .describe('One notification about all drills and the runs of the previous 24 hours, sent by `firedrill serve`.'),
});

export type NotifyFile = z.output<typeof notifySchema>;
