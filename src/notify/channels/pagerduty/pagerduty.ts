import { z } from 'zod';
import { expandable, mapping, secret } from '../../../config/fields.ts';
import { defineChannel, SECRET_PLACE } from '../../channel-kind.ts';
import { checkUrl } from '../web-address.ts';
import { createPagerDutyChannel, type PagerDutySpec } from './pagerduty-channel.ts';

export const pagerduty = defineChannel({
  type: 'pagerduty',
  title: 'PagerDuty',
  schema: mapping({
    type: z
      .literal('pagerduty')
      .describe('PagerDuty incidents, one per drill, opened and resolved. No reminders or digests.'),
    routingKey: secret().describe(`The integration key of an Events API v2 integration, as ${SECRET_PLACE}.`),
    url: expandable('a URL')
      .default('https://events.pagerduty.com/v2/enqueue')
      .describe('Endpoint for events. For the EU service region: `https://events.eu.pagerduty.com/v2/enqueue`.'),
  }),
  keys: { texts: ['url'], secrets: ['routingKey'] },
  starter: { routingKey: '${PAGERDUTY_ROUTING_KEY}' },
  takesDigests: false,
  takesReports: false,
  resolve(file, reading): PagerDutySpec | undefined {
    const url = checkUrl(reading.read('url') ?? file.url, 'a URL', reading);
    const routingKey = reading.read('routingKey');
    return url === undefined || routingKey === undefined ? undefined : { type: 'pagerduty', routingKey, url };
  },
  create: createPagerDutyChannel,
});
