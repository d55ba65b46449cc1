/** The drills that a silence applies to: every key that is present must match; without any key, it applies to all drills. */
export interface SilenceMatch {
  /** Drill names; any of them matches. */
  readonly drills?: readonly string[];
  readonly owner?: string;
  readonly tier?: number;
  /** All of these labels. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A maintenance window in which no alerts are sent about the matching drills. */
export interface Silence {
  /** Eight hexadecimal digits. */
  readonly id: string;
  readonly match: SilenceMatch;
  readonly from: Date;
  /** Exclusive. */
  readonly until: Date;
  readonly reason: string;
  /** Whether scheduled runs and runs after new backups are also paused. */
  readonly pausesRuns: boolean;
  readonly at: Date;
  /** Who: `alice`, `bob (web)`. */
  readonly by: string;
  /** Set if it was ended early, or withdrawn before it started; undefined otherwise. */
  readonly ended: { readonly at: Date; readonly by: string } | undefined;
}

export interface SilenceStore {
  addSilence(silence: Omit<Silence, 'ended'>): Promise<void>;
  /** @returns false if there is none with that id, or it is over. */
  endSilence(id: string, at: Date, by: string): Promise<boolean>;
  /** Those that end (on time or early) at `from` or later, and start before `to` (default: any). Ordered by start. */
  findSilences(range: { readonly from: Date; readonly to?: Date }): Promise<readonly Silence[]>;
}
