/** Which drills a silence is for: each key that is there must match, so one without any is for every drill. */
export interface SilenceMatch {
  /** Drill names; any of them matches. */
  readonly drills?: readonly string[];
  readonly owner?: string;
  readonly tier?: number;
  /** All of these labels. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A window of planned work, in which no alert is sent about the drills that it is for. */
export interface Silence {
  /** Eight hexadecimal digits. */
  readonly id: string;
  readonly match: SilenceMatch;
  readonly from: Date;
  /** Exclusive. */
  readonly until: Date;
  readonly reason: string;
  /** Whether scheduled runs and runs after new backups do not start either. */
  readonly pausesRuns: boolean;
  readonly at: Date;
  /** Who: `alice`, `bob (web)`. */
  readonly by: string;
  /** That it was ended early, or withdrawn before it began; undefined: it was not. */
  readonly ended: { readonly at: Date; readonly by: string } | undefined;
}

export interface SilenceStore {
  addSilence(silence: Omit<Silence, 'ended'>): Promise<void>;
  /** @returns false when there is none of that id, or it is over. */
  endSilence(id: string, at: Date, by: string): Promise<boolean>;
  /** Those that have not ended, by themselves or early, before `from`, and begin before `to` (default: any). By their beginning. */
  findSilences(range: { readonly from: Date; readonly to?: Date }): Promise<readonly Silence[]>;
}
