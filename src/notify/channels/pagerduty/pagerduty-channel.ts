import { createHash } from 'node:crypto';
import type { StandingState } from '../../../support/vocabulary.ts';
import type { Channel, ChannelDeps } from '../../channel.ts';
import { httpPost } from '../../http-post.ts';
import type { Notification } from '../../notification.ts';
import { describeSince, printableNotification } from '../../notification-text.ts';

const MAX_SUMMARY = 1024;
const MAX_DEDUP_KEY = 255;

export interface PagerDutySpec {
  readonly type: 'pagerduty';
  readonly routingKey: string;
  readonly url: string;
}

/**
 * PagerDuty incidents, through its Events API v2: https://developer.pagerduty.com/docs/events-api-v2/overview/. Each drill has one incident, opened by the
 * first problem, updated by later ones, and resolved when the drill passes. PagerDuty escalates by itself, so it takes no reminders.
 */
export function createPagerDutyChannel(spec: PagerDutySpec & { readonly name: string }, deps: ChannelDeps): Channel {
  const post = async (event: object, signal: AbortSignal) => {
    const body = JSON.stringify({ routing_key: spec.routingKey, ...event });
    const headers = { 'content-type': 'application/json' };
    await httpPost({ url: spec.url, headers, body }, { signal, deadlineMs: deps.httpDeadlineMs, redact: deps.redact });
  };
  return {
    name: spec.name,
    type: 'pagerduty',
    takes: ({ kind }) => kind !== 'reminder' && kind !== 'digest',
    async send(notification, signal) {
      const dedupKey = dedupKeyOf(notification);
      if (notification.kind !== 'resolved') await post(toTrigger(notification, dedupKey), signal);
      if (notification.kind === 'resolved' || notification.kind === 'test')
        await post({ event_action: 'resolve', dedup_key: dedupKey }, signal);
    },
  };
}

/** `firedrill/orders`: one incident for each drill. A test has its own, so that it does not touch a real one. */
function dedupKeyOf({ kind, id, drill }: Notification): string {
  const key = kind === 'test' || drill === undefined ? `firedrill/test/${id}` : `firedrill/${drill.name}`;
  return key.length <= MAX_DEDUP_KEY ? key : `firedrill/${createHash('sha256').update(key).digest('hex')}`;
}

function toTrigger(notification: Notification, dedupKey: string): object {
  const { headline, at, drill, state, facts, nextStep, links, ...rest } = printableNotification(notification);
  return {
    event_action: 'trigger',
    dedup_key: dedupKey,
    client: 'Firedrill',
    ...(links[0] ? { client_url: links[0].url } : {}),
    links: links.map(({ url, label }) => ({ href: url, text: label })),
    payload: {
      summary: headline.length <= MAX_SUMMARY ? headline : `${headline.slice(0, MAX_SUMMARY - 1)}…`,
      timestamp: at,
      severity: severityOf(notification),
      source: 'firedrill',
      ...(drill === undefined ? {} : { component: drill.name }),
      ...(drill?.owner === undefined ? {} : { group: drill.owner }),
      ...(state === undefined ? {} : { class: state }),
      custom_details: {
        ...Object.fromEntries(facts.map(({ label, text }) => [label, text])),
        ...(rest.since === undefined ? {} : { Since: describeSince({ since: rest.since, at }) }),
        ...(nextStep === undefined ? {} : { 'Next step': nextStep }),
      },
    },
  };
}

/** States in which the data cannot be recovered, as far as is known. The others are harness problems: nothing is known, which is one level less. */
const ABOUT_DATA: readonly StandingState[] = ['failed', 'no-new-backup', 'never'];

/** Tiers 0 and 1 page people; with PagerDuty's defaults, nothing else does. */
function severityOf({ kind, state, drill }: Notification): 'critical' | 'error' | 'warning' | 'info' {
  if (kind === 'test' || state === undefined) return 'info';
  const isTopTier = (drill?.tier ?? 2) <= 1;
  if (ABOUT_DATA.includes(state)) return isTopTier ? 'critical' : 'error';
  return isTopTier ? 'error' : 'warning';
}
