import type { AcknowledgementKind } from '../support/vocabulary.ts';

/** A user's acknowledgement of a drill’s problem, or a request to snooze the drill for a while. */
export interface Acknowledgement {
  readonly drill: string;
  readonly kind: AcknowledgementKind;
  /** The problem, as `Standing.fingerprint`; undefined: any. */
  readonly fingerprint: string | undefined;
  readonly at: Date;
  /** Who: `alice`, `bob (web)`. */
  readonly by: string;
  readonly reason: string;
  /** undefined: until the problem is over or changes. */
  readonly until: Date | undefined;
  /** Set if it was ended early; undefined otherwise. */
  readonly ended: { readonly at: Date; readonly by: string } | undefined;
}

export interface AcknowledgementStore {
  /** Replaces the drill's existing one, if any. */
  acknowledge(acknowledgement: Omit<Acknowledgement, 'ended'>): Promise<void>;
  /** @returns false if the drill has none in effect. */
  endAcknowledgement(drill: string, at: Date, by: string): Promise<boolean>;
  /** The newest of each drill, unless it was ended; whether it still applies depends on the problem and the time. Ordered by drill. */
  getAcknowledgements(): Promise<readonly Acknowledgement[]>;
  /** All that were created before `to` and were neither ended nor expired before `from`. Oldest first. */
  findAcknowledgements(range: { readonly from: Date; readonly to: Date }): Promise<readonly Acknowledgement[]>;
}
