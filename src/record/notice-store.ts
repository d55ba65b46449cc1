import type { StandingState } from '../support/vocabulary.ts';

/** What people were last told of a drill. One row for each drill that ever was in trouble. */
export interface AlertRecord {
  /** The drill; or `file:drills/orders.yaml` for a drill file that is broken. */
  readonly subject: string;
  /** As {@link DrillState.version}. */
  readonly version: number;
  readonly state: StandingState;
  /** Two problems of one fingerprint are the same: `failed:too-slow`. */
  readonly fingerprint: string;
  /** Since when it is in this state, whatever the fingerprint. */
  readonly since: Date;
  /** When people were last told. */
  readonly toldAt: Date;
  /** Names of the channels that were told of the problem, and that are told when it is over. */
  readonly toldChannels: readonly string[];
  /** The run that it was told about; undefined: none, as when a drill is overdue. */
  readonly runId: string | undefined;
}

/** A message on its way to one channel. */
export interface DeliveryRecord {
  readonly id: string;
  /** Unique: what was put in once is never put in again, whoever tries (`digest:2026-11-22:mail`). */
  readonly key: string;
  readonly channel: string;
  readonly subject: string;
  /** The notice as JSON, free of secrets. */
  readonly notice: string;
  readonly createdAt: Date;
  /** `given-up`: tried for as long as it makes sense. */
  readonly status: 'pending' | 'sent' | 'given-up';
  readonly attempts: number;
  /** Not tried before; of a pending one. */
  readonly nextAttemptAt: Date;
  /** Why the last attempt failed, free of secrets. */
  readonly error: string | undefined;
  readonly endedAt: Date | undefined;
}

export type NewDelivery = Pick<DeliveryRecord, 'id' | 'key' | 'channel' | 'subject' | 'notice' | 'createdAt'>;

/** How an attempt ended. */
export type DeliveryOutcome =
  | { readonly kind: 'sent'; readonly at: Date }
  | { readonly kind: 'retry'; readonly error: string; readonly nextAttemptAt: Date }
  | { readonly kind: 'given-up'; readonly error: string; readonly at: Date };

/** What is told, kept until it has arrived: a killed process loses no message. Each method is one transaction. */
export interface NoticeStore {
  getAlerts(): Promise<readonly AlertRecord[]>;
  /**
   * Stores the alert as `version + 1` if the stored one still has `version`, and puts the messages on their way.
   * @returns false, having stored nothing, when another process was faster: it has told.
   */
  saveAlert(alert: AlertRecord, deliveries: readonly NewDelivery[]): Promise<boolean>;
  /** Puts messages on their way; one whose key is there already is left out. @returns how many were new. */
  enqueue(deliveries: readonly NewDelivery[]): Promise<number>;
  /**
   * Takes pending messages whose time has come, oldest first, for this process alone until `leaseUntil`: a process that dies with one leaves
   * it to the next. Counts an attempt.
   */
  takeDeliveries(now: Date, leaseUntil: Date, limit: number): Promise<readonly DeliveryRecord[]>;
  /** Stores how an attempt ended. A message that has ended stays as it did: what arrived is not sent again because another process, late, says that it did not. */
  endDelivery(id: string, outcome: DeliveryOutcome): Promise<void>;
  /** Newest first. */
  findDeliveries(filter: {
    readonly status?: DeliveryRecord['status'];
    readonly limit: number;
  }): Promise<readonly DeliveryRecord[]>;
  /** How many there are, as {@link findDeliveries} would find without a limit. Of `given-up`, since ever. */
  countDeliveries(status: 'pending' | 'given-up'): Promise<number>;
}
