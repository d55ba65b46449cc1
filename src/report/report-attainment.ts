/** Shares of runs, each measured against the objectives in effect when it began. */
export interface Attainment {
  /** The target share of runs, 0 to 1. */
  readonly targetShare: number;
  /** How the numbers are counted, as text. */
  readonly method: string;
  readonly months: readonly ReportMonth[];
  readonly all: AttainmentRow;
  /** By tier; drills without one last. */
  readonly tiers: readonly (AttainmentRow & { readonly tier: number | undefined })[];
  /** Oldest first. */
  readonly objectiveChanges: readonly ObjectiveChange[];
}

export interface ReportMonth {
  /** `2026-10` */
  readonly key: string;
  /** `October 2026` */
  readonly label: string;
  readonly from: Date;
  readonly to: Date;
  /** Whether the period contains only a part of the month. */
  readonly isPartial: boolean;
}

export interface AttainmentRow {
  readonly total: AttainmentCell;
  /** One for each month of the report, in the same order. */
  readonly months: readonly AttainmentCell[];
}

export interface AttainmentCell {
  readonly runs: number;
  /** All objectives together: the verdict. */
  readonly passed: Measure;
  readonly rto: Measure;
  /** Only for runs that had an RPO. */
  readonly rpo: Measure;
  readonly data: Measure;
  /** Runs without a verdict: neither attained nor missed. */
  readonly errored: number;
  readonly interrupted: number;
}

export interface Measure {
  readonly attained: number;
  readonly missed: number;
  /** 0 to 1; undefined when nothing was judged. */
  readonly share: number | undefined;
  readonly budget: ErrorBudget;
}

/** How many misses the target share allows for the number of runs judged. */
export interface ErrorBudget {
  /** May be a fraction when there were few runs. */
  readonly allowed: number;
  readonly spent: number;
  /** 1: unused; below 0: overspent; undefined: no run was judged, or no miss is allowed at all. */
  readonly remainingShare: number | undefined;
}

export interface ObjectiveChange {
  readonly drill: string;
  /** Start of the first run with the new objective. */
  readonly at: Date;
  readonly objective: 'rto' | 'rpo';
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}
