import { z } from 'zod';
import { mapping, secret } from '../../../config/fields.ts';
import { defineChannel, SECRET_PLACE } from '../../channel-kind.ts';
import { checkUrl } from '../web-address.ts';
import { createSlackChannel, type SlackSpec } from './slack-channel.ts';

export const slack = defineChannel({
  type: 'slack',
  title: 'Slack',
  schema: mapping({
    type: z.literal('slack').describe('Posts to a Slack channel.'),
    url: secret().describe(`The URL of an incoming webhook, as ${SECRET_PLACE}: anyone who has it can post.`),
  }),
  keys: { secrets: ['url'] },
  starter: { url: '${SLACK_WEBHOOK_URL}' },
  takesDigests: true,
  takesReports: false,
  resolve(_, reading): SlackSpec | undefined {
    const url = checkUrl(reading.read('url'), 'the URL of an incoming webhook', reading);
    return url === undefined ? undefined : { type: 'slack', url };
  },
  create: createSlackChannel,
});
