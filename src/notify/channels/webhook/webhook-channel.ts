import type { Channel, ChannelDeps } from '../../channel.ts';
import { httpPost } from '../../http-post.ts';

export interface WebhookSpec {
  readonly type: 'webhook';
  readonly url: string;
  readonly secret: string;
}

/**
 * Posts `{ type, timestamp, data }` to a user's own receiver, signed as https://www.standardwebhooks.com specifies. `webhook-id` is the
 * notification's id, the same for every attempt; the signed timestamp is that of the attempt, since receivers refuse old ones.
 */
export function createWebhookChannel(spec: WebhookSpec & { readonly name: string }, deps: ChannelDeps): Channel {
  return {
    name: spec.name,
    type: 'webhook',
    takes: () => true,
    async send(notification, signal) {
      const { Webhook } = await import('standardwebhooks');
      const body = JSON.stringify({
        type: `firedrill.${notification.kind}`,
        timestamp: notification.at,
        data: notification,
      });
      const now = deps.clock.now();
      const headers = {
        'content-type': 'application/json',
        'webhook-id': notification.id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': new Webhook(spec.secret).sign(notification.id, now, body),
      };
      const options = { signal, deadlineMs: deps.httpDeadlineMs, redact: deps.redact };
      await httpPost({ url: spec.url, headers, body }, options);
    },
  };
}
