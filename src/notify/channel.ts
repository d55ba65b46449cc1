import type { Notice } from './notice.ts';

/**
 * One way to reach people. Every implementation MUST:
 * - deliver the notice once, or throw a DrillError `notify-failed` that says what answered and whether trying again can help (`NotifyError.retryable`);
 * - give up after its own deadline (10 s; a command 30 s) and at once when the signal aborts, leaving no socket and no process;
 * - put no secret into an error, a log line or a process list.
 */
export interface Channel {
  /** As the settings call it. */
  readonly name: string;
  readonly type: ChannelType;
  /** Whether a reminder or a digest makes sense there: PagerDuty keeps an incident open by itself. */
  takes(notice: Notice): boolean;
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}

export const CHANNEL_TYPES = ['slack', 'email', 'pagerduty', 'webhook', 'command'] as const;
export type ChannelType = (typeof CHANNEL_TYPES)[number];
