import type { AcknowledgementKind } from '../support/vocabulary.ts';

/** That a person knows of a drill’s problem, or wants to hear nothing of the drill for a while. */
export interface Acknowledgement {
  readonly drill: string;
  readonly kind: AcknowledgementKind;
  /** The problem, as `Standing.fingerprint`; undefined: whatever it is. */
  readonly fingerprint: string | undefined;
  readonly at: Date;
  /** Who: `alice`, `bob (web)`. */
  readonly by: string;
  readonly reason: string;
  /** undefined: until the problem is over, or another one. */
  readonly until: Date | undefined;
  /** That it was ended before; undefined: it was not. */
  readonly ended: { readonly at: Date; readonly by: string } | undefined;
}

export interface AcknowledgementStore {
  /** Takes the place of one that the drill has. */
  acknowledge(acknowledgement: Omit<Acknowledgement, 'ended'>): Promise<void>;
  /** @returns false when the drill has none that is open. */
  endAcknowledgement(drill: string, at: Date, by: string): Promise<boolean>;
  /** The newest of each drill, unless somebody ended it; whether it still counts depends on the problem and the time. Ordered by drill. */
  getAcknowledgements(): Promise<readonly Acknowledgement[]>;
  /** All that were made before `to` and were not ended, and did not run out, before `from`. Oldest first. */
  findAcknowledgements(range: { readonly from: Date; readonly to: Date }): Promise<readonly Acknowledgement[]>;
}
