import type { Clock } from '../support/clock.ts';
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
  /** Its type in the settings. */
  readonly type: string;
  /** Whether a reminder or a digest makes sense there: PagerDuty keeps an incident open by itself. */
  takes(notice: Notice): boolean;
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}

/** What channels need of the world. Times in milliseconds. */
export interface ChannelDeps {
  readonly clock: Clock;
  /** Frees a text of the secrets that were read. */
  readonly redact: (text: string) => string;
  /** Where commands run: the directory of the settings file. Absolute. */
  readonly directory: string;
  readonly httpDeadlineMs: number;
  readonly smtpDeadlineMs: number;
  readonly commandDeadlineMs: number;
  /** How long a command that is told to end may take to do so. */
  readonly killGraceMs: number;
  /** Certificates that are trusted beside the system's, in PEM; in production NODE_EXTRA_CA_CERTS names them. */
  readonly ca?: string;
}
