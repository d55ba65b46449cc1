import { z } from 'zod';
import { REASONS } from '../support/words.ts';
import { expandable, mapping, name, oneOf, secret, wholeNumber } from './fields.ts';
import { cron, timezoneSchema } from './schedule-schema.ts';

/** `notify:` of firedrill.yaml: who is told, and how. {@link file://./resolve-notify.ts} makes NotifySettings of it. */

/** States that somebody may be told of; `never` only once a first run is overdue. */
const TOLD_STATES = ['broken', 'never', 'failed', 'no-new-backup', 'overdue', 'errored', 'interrupted'] as const;

const CHANNEL_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const PLACE = '`${NAME}` or `{ file: PATH }`';

const slack = mapping({
  type: z.literal('slack').describe('A channel of Slack.'),
  url: secret().describe(`The URL of an incoming webhook, as ${PLACE}: whoever has it can post.`),
});

const email = mapping({
  type: z.literal('email').describe('Mail, by SMTP.'),
  host: expandable('the name of a mail server').describe('The mail server (SMTP). `${NAME}` is replaced.'),
  port: wholeNumber(1, 65_535).optional().describe('Default: 587; 465 with `tls: implicit`, 25 with `tls: none`.'),
  tls: oneOf(['starttls', 'implicit', 'none'])
    .default('starttls')
    .describe(
      '`starttls`: begins in clear text and insists on TLS. `implicit`: TLS from the first byte. `none`: never, for a server on this host or a mail catcher; a password goes to loopback only then.',
    ),
  user: expandable('the name of a user').optional().describe('Default: nobody logs in. `${NAME}` is replaced.'),
  password: secret().optional().describe(`As ${PLACE}.`),
  from: expandable('a mail address').describe(
    'The sender: `firedrill@example.com` or `Firedrill <firedrill@example.com>`. `${NAME}` is replaced.',
  ),
  to: z
    .array(expandable('a mail address'), { error: 'must be a list of mail addresses' })
    .min(1, { error: 'is empty; write at least one mail address' })
    .describe('Who gets it. `${NAME}` is replaced.'),
});

const pagerduty = mapping({
  type: z
    .literal('pagerduty')
    .describe('Incidents of PagerDuty: one for each drill, opened and resolved. It takes no reminders and no digest.'),
  routingKey: secret().describe(`The integration key of an Events API v2 integration, as ${PLACE}.`),
  url: expandable('a URL')
    .default('https://events.pagerduty.com/v2/enqueue')
    .describe('Where events go. Of a service region in the EU: `https://events.eu.pagerduty.com/v2/enqueue`.'),
});

const webhook = mapping({
  type: z.literal('webhook').describe('A receiver of your own, by HTTP.'),
  url: expandable('a URL').describe('Where notices are posted. `${NAME}` is replaced.'),
  secret: secret().describe(
    `What signs them, \`whsec_\` and 24 to 64 bytes in base64, as ${PLACE}. Receivers check it by standardwebhooks.com.`,
  ),
});

const command = mapping({
  type: z.literal('command').describe('Any command.'),
  argv: z
    .array(name('an argument'), { error: 'must be a list: the command and its arguments' })
    .min(1, { error: 'is empty; write the command and its arguments' })
    .describe(
      'The command and its arguments; no shell reads them. It gets the notice as JSON on its standard input, the gist in `FIREDRILL_NOTICE_KIND`, `_DRILL`, `_STATE`, `_HEADLINE` and `_ID`, the directory of this file to work in, and 30 seconds.',
    ),
  env: z
    .array(
      z.string({ error: 'must be the name of a variable' }).regex(/^[A-Za-z_]\w*$/, {
        error: 'must be the name of a variable',
      }),
      { error: 'must be a list of names of variables' },
    )
    .default([])
    .describe('Variables that it gets of our own. Beside them only `PATH`, `HOME`, `LANG` and `TZ`.'),
});

const channel = z.discriminatedUnion('type', [slack, email, pagerduty, webhook, command], {
  error: ({ input }) =>
    typeof input === 'object' && input !== null && 'type' in input
      ? 'must be slack, email, pagerduty, webhook or command'
      : 'must be a mapping with type: slack, email, pagerduty, webhook or command',
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
  status: anyOf(oneOf(TOLD_STATES), 'states').describe(
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
export type ChannelFile = NotifyFile['channels'][string];
