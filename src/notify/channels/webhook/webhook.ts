import { z } from 'zod';
import { expandable, mapping, secret } from '../../../config/fields.ts';
import { type ChannelReading, defineChannel, SECRET_PLACE } from '../../channel-kind.ts';
import { checkUrl } from '../web-address.ts';
import { createWebhookChannel, type WebhookSpec } from './webhook-channel.ts';

export const webhook = defineChannel({
  type: 'webhook',
  title: 'a webhook',
  schema: mapping({
    type: z.literal('webhook').describe('Posts to your own HTTP endpoint.'),
    url: expandable('a URL').describe('URL that notifications are posted to. `${NAME}` is replaced.'),
    secret: secret().describe(
      `Signing key, \`whsec_\` and 24 to 64 bytes in base64, as ${SECRET_PLACE}. Receivers verify it as standardwebhooks.com describes.`,
    ),
  }),
  keys: { texts: ['url'], secrets: ['secret'], secretWithVariable: ['url'] },
  starter: { url: '${ALERT_URL}', secret: '${ALERT_SECRET}' },
  takesDigests: true,
  takesReports: false,
  resolve(_, reading): WebhookSpec | undefined {
    const url = checkUrl(reading.read('url'), 'a URL', reading);
    const secret = checkSigningSecret(reading.read('secret'), reading);
    return url === undefined || secret === undefined ? undefined : { type: 'webhook', url, secret };
  },
  create: createWebhookChannel,
});

/** The secret format of standardwebhooks.com: a prefix, then 24 to 64 bytes in base64. */
function checkSigningSecret(secret: string | undefined, { report }: ChannelReading): string | undefined {
  if (secret === undefined) return undefined;
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const length = encoded === undefined ? 0 : Buffer.from(encoded, 'base64').length;
  if (length >= 24 && length <= 64) return secret;
  const make = 'echo "whsec_$(openssl rand -base64 32)"';
  report(['secret'], `must be whsec_ and 24 to 64 bytes in base64; \`${make}\` makes one`);
  return undefined;
}
