import type { Channel, ChannelDeps } from '../../channel.ts';
import { httpPost } from '../../http-post.ts';
import { NotifyError } from '../../notify-error.ts';
import { toSlackMessage } from './slack-message.ts';

export interface SlackSpec {
  readonly type: 'slack';
  readonly url: string;
}

/**
 * A Slack channel, through an incoming webhook. The library has a deadline but takes no signal, reads answers to their end, and
 * drops `Retry-After`. It is therefore used for the protocol only, and posts through our own HTTP client.
 */
export function createSlackChannel(spec: SlackSpec & { readonly name: string }, deps: ChannelDeps): Channel {
  return {
    name: spec.name,
    type: 'slack',
    takes: () => true,
    async send(notification, signal) {
      const { IncomingWebhook } = await import('@slack/webhook');
      let refused: NotifyError | undefined;
      const webhook = new IncomingWebhook(spec.url, {
        fetch: async (url, init) => {
          const { headers = {}, body } = init ?? {};
          const post = { url: String(url), headers, body: typeof body === 'string' ? body : '' };
          try {
            return new Response(await httpPost(post, { signal, deadlineMs: deps.httpDeadlineMs, redact: deps.redact }));
          } catch (error) {
            if (error instanceof NotifyError) refused = error;
            throw error;
          }
        },
      });
      await webhook.send(toSlackMessage(notification)).catch((error: unknown) => {
        signal.throwIfAborted();
        throw refused ?? error; // the library would wrap it in its own error
      });
    },
  };
}
