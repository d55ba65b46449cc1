import type { Clock } from '../support/clock.ts';
import type { Notification } from './notification.ts';

/**
 * One way to reach people. Every implementation MUST:
 * - deliver the notification once, or throw a DrillError `notify-failed` with the answer and whether a retry can help (`NotifyError.retryable`);
 * - give up after its own deadline (10 s; a command 30 s) and at once when the signal aborts, leaving no socket or process behind;
 * - put no secret into an error, a log line or a process list.
 */
export interface Channel {
  /** Its name in the settings. */
  readonly name: string;
  /** Its type in the settings. */
  readonly type: string;
  /** Whether the channel accepts this notification: PagerDuty keeps an incident open by itself, so it needs no reminders or digests. */
  takes(notification: Notification): boolean;
  send(notification: Notification, signal: AbortSignal): Promise<void>;
}

/** The dependencies of channels. Times are in milliseconds. */
export interface ChannelDeps {
  readonly clock: Clock;
  /** Removes known secrets from a text. */
  readonly redact: (text: string) => string;
  /** Where commands run: the directory of the settings file. Absolute. */
  readonly directory: string;
  readonly httpDeadlineMs: number;
  readonly smtpDeadlineMs: number;
  readonly commandDeadlineMs: number;
  /** How long a command may take to exit after it was asked to. */
  readonly killGraceMs: number;
  /** Certificates trusted in addition to the system's, in PEM. In production, NODE_EXTRA_CA_CERTS sets them. */
  readonly ca?: string;
}
