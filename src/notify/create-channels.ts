import type { ChannelSpec } from '../config/resolve-channel.ts';
import type { Channel, ChannelDeps } from './channel.ts';
import { createCommandChannel } from './channels/command.ts';
import { createEmailChannel } from './channels/email.ts';
import { createPagerDutyChannel } from './channels/pagerduty.ts';
import { createSlackChannel } from './channels/slack.ts';
import { createWebhookChannel } from './channels/webhook.ts';

export const DEFAULT_DEADLINES = {
  httpDeadlineMs: 10_000,
  smtpDeadlineMs: 10_000,
  commandDeadlineMs: 30_000,
  killGraceMs: 2_000,
} as const;

/** A channel for each spec, in their order. Libraries are loaded when a channel first sends. */
export function createChannels(specs: readonly ChannelSpec[], deps: ChannelDeps): readonly Channel[] {
  return specs.map((spec) => createChannel(spec, deps));
}

function createChannel(spec: ChannelSpec, deps: ChannelDeps): Channel {
  switch (spec.type) {
    case 'slack':
      return createSlackChannel(spec, deps);
    case 'email':
      return createEmailChannel(spec, deps);
    case 'pagerduty':
      return createPagerDutyChannel(spec, deps);
    case 'webhook':
      return createWebhookChannel(spec, deps);
    case 'command':
      return createCommandChannel(spec, deps);
  }
}
