import type { StandingState } from '../support/vocabulary.ts';

/** The last alert state of a drill. One row per drill that ever had a problem. */
export interface AlertRecord {
  /** The drill, or `file:drills/orders.yaml` for a broken drill file. */
  readonly subject: string;
  /** Like {@link DrillState.version}. */
  readonly version: number;
  readonly state: StandingState;
  /** Identifies a problem: those with the same fingerprint are the same. Example: `failed:too-slow`. */
  readonly fingerprint: string;
  /** Since when it has been in this state, regardless of the fingerprint. */
  readonly since: Date;
  /** When a notification was last sent. */
  readonly notifiedAt: Date;
  /** Channels that were notified of the problem, and will be notified again when it is over. */
  readonly notifiedChannels: readonly string[];
  /** The run that the alert is about; undefined if there is none, as for an overdue drill. */
  readonly runId: string | undefined;
}

/** A notification queued for one channel. */
export interface DeliveryRecord {
  readonly id: string;
  /** Unique, so that a notification cannot be queued twice (`digest:2026-11-22:mail`). */
  readonly key: string;
  readonly channel: string;
  readonly subject: string;
  /** The notification as JSON, without secrets. */
  readonly notification: string;
  readonly createdAt: Date;
  /** `given-up`: further attempts are pointless, so none are made. */
  readonly status: 'pending' | 'sent' | 'given-up';
  readonly attempts: number;
  /** Earliest time of the next attempt, for a pending delivery. */
  readonly nextAttemptAt: Date;
  /** Why the last attempt failed, without secrets. */
  readonly error: string | undefined;
  readonly endedAt: Date | undefined;
}

export type NewDelivery = Pick<DeliveryRecord, 'id' | 'key' | 'channel' | 'subject' | 'notification' | 'createdAt'>;

/** The outcome of an attempt. */
export type DeliveryOutcome =
  | { readonly kind: 'sent'; readonly at: Date }
  | { readonly kind: 'retry'; readonly error: string; readonly nextAttemptAt: Date }
  | { readonly kind: 'given-up'; readonly error: string; readonly at: Date };

/** Stores notifications until they are delivered, so that a killed process loses none. Each method is one transaction. */
export interface NotificationStore {
  getAlerts(): Promise<readonly AlertRecord[]>;
  /**
   * Stores the alert as `version + 1` if the stored one still has `version`, and queues the notifications.
   * @returns false, having stored nothing, if another process was faster and has queued them.
   */
  saveAlert(alert: AlertRecord, deliveries: readonly NewDelivery[]): Promise<boolean>;
  /** Queues notifications; skips keys that already exist. @returns how many were new. */
  enqueue(deliveries: readonly NewDelivery[]): Promise<number>;
  /**
   * Leases pending notifications that are due, oldest first, to this process until `leaseUntil`; if the process dies, another one takes them after that.
   * Counts as an attempt.
   */
  takeDeliveries(now: Date, leaseUntil: Date, limit: number): Promise<readonly DeliveryRecord[]>;
  /**
   * Stores the outcome of an attempt. A final outcome is never changed: a delivered notification is not sent again when another process reports a failure late.
   */
  endDelivery(id: string, outcome: DeliveryOutcome): Promise<void>;
  /** Newest first. */
  findDeliveries(filter: {
    readonly status?: DeliveryRecord['status'];
    readonly limit: number;
  }): Promise<readonly DeliveryRecord[]>;
  /** Number of deliveries that {@link findDeliveries} would find without a limit. For `given-up`, the all-time total. */
  countDeliveries(status: 'pending' | 'given-up'): Promise<number>;
}
