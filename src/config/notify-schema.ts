import { z } from 'zod';
import { CHANNEL_SCHEMAS, CHANNEL_TYPES } from '../notify/channel-registry.ts';
import { REASONS } from '../support/vocabulary.ts';
import { listWords, mapping, name, oneOf, wholeNumber } from './fields.ts';
import { cron, timezoneSchema } from './schedule-schema.ts';

/** `notify:` of firedrill.yaml: who is notified, and how. {@link file://./resolve-notify.ts} makes NotifySettings of it. */

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
    .min(1, { error: 'is empty: nothing would go this way; leave the key out for any' })
    .optional();
}

const route = mapping({
  to: channelNames.describe('Names of channels.'),
  tier: anyOf(wholeNumber(0, 9), 'tiers').describe('Of drills of these tiers only.'),
  owner: anyOf(name('a team or person'), 'owners').describe('Of drills of these owners only.'),
  status: anyOf(oneOf(ALERT_STATES), 'states').describe(
    'In these states only. `failed`, `no-new-backup` and `never` (overdue, and not once drilled) concern the data and its owner; `errored`, `interrupted`, `overdue` and `broken` (a wrong drill file) concern whoever keeps Firedrill running.',
  ),
  reason: anyOf(oneOf(REASONS), 'reasons').describe(
    'For these reasons of a failed drill only; `no-new-backup` counts as `stale-backup`.',
  ),
});

export const notifySchema = mapping({
  channels: z
    .record(z.string().regex(CHANNEL_NAME), channel, {
      error: ({ code }) =>
        code === 'invalid_key'
          ? 'is no name for a channel; write 1 to 63 lower-case letters, digits, dots, dashes and underscores'
          : 'must be a mapping of names to channels',
    })
    .default({})
    .describe('Ways to reach people, by a name of your own. `firedrill notify test` tries them.'),
  routes: z
    .array(route, { error: 'must be a list of routes' })
    .min(1, { error: 'is empty: nobody would be told; leave it out to tell every channel everything' })
    .optional()
    .describe(
      'Which channel is told of what: every route that matches counts. Default: every channel is told everything. When a drill recovers, those are told who were told of the problem.',
    ),
  reminders: oneOf(['daily', 'off'])
    .default('daily')
    .describe('`daily`: told again each 24 hours while the same trouble lasts.'),
  digest: mapping({
    cron: cron.describe('When: `"0 8 * * *"`.').meta({ examples: ['0 8 * * *'] }),
    timezone: timezoneSchema.default('UTC').describe('In which it is meant.'),
    to: channelNames.optional().describe('Names of channels. Default: every channel that takes digests.'),
  })
    .optional()
    .describe('One message about all drills and the runs of the 24 hours before. `firedrill serve` sends it.'),
});

export type NotifyFile = z.output<typeof notifySchema>;
