import type { RunRecord } from '../record/run-record.ts';
import type { RaceResult } from '../status/race-result.ts';
import type { ErrorCode } from '../support/errors.ts';
import type { CoverageState, Reason } from '../support/vocabulary.ts';
import type { Attainment } from './report-attainment.ts';
import type { ProviderReport } from './report-providers.ts';
import type { DrillRow, PreviousCounts, ReportAcknowledgement, ReportSilence, SpeedChange } from './report-summary.ts';
import type { Trend } from './report-trend.ts';

/** The content of a report, independent of its format. Text from drills, backups and errors is printable but not escaped for any format. */
export interface Report {
  /** The instant at which the report is made; ages are measured to it. */
  readonly madeAt: Date;
  readonly period: ReportPeriod;
  readonly filter: ReportFilter;
  /** Current drills that the filter includes. */
  readonly drillCount: number;
  /** Runs that began in the period and have ended. */
  readonly runCount: number;
  readonly headline: Headline;
  /** Every drill that the report counts; unproven ones first, then by tier and name. */
  readonly drills: readonly DrillRow[];
  /** Undefined: nothing had run before the period. */
  readonly previous: PreviousCounts | undefined;
  readonly speed: SpeedChange;
  readonly attainment: Attainment;
  /** Trends of drills with a run in the period; by tier, then name. */
  readonly trends: readonly Trend[];
  readonly coverage: Coverage;
  /** What the last scan found that no drill covers, as currently known; undefined: there was no scan, the period is past, or a filter is set. */
  readonly discovery?: DiscoveredGaps | undefined;
  /** Open incidents first, each group newest first. */
  readonly incidents: readonly Incident[];
  /** How backup stores answered, as currently known; undefined: no request is recorded, the period is past, or a filter is set. */
  readonly providers?: ProviderReport | undefined;
  /** Acknowledged and snoozed drills, newest first. */
  readonly acknowledgements: readonly ReportAcknowledgement[];
  /** Windows of planned work that overlap the period, newest first. */
  readonly silences: readonly ReportSilence[];
  readonly audit: Audit;
}

export interface ReportFilter {
  readonly tier?: number | undefined;
  readonly owner?: string | undefined;
}

export interface ReportPeriod {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** IANA name of the time zone of all months, days and dates in the report. */
  readonly zone: string;
  /** `in the last 7 days`, `in October 2026`. */
  readonly label: string;
  /** The period that changes are compared with. */
  readonly previous: { readonly from: Date; readonly to: Date; readonly label: string };
}

export interface Headline {
  /** At most 20 words: `14 of 17 databases proven recoverable; 2 failing, 1 never tested; orders will miss its RTO in March 2027.` */
  readonly text: string;
  /** Drills whose newest verdict in the period is a pass. */
  readonly provenCount: number;
  readonly tone: 'good' | 'warn' | 'bad';
  /** Every drill with something to report, worst first. */
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly drill: string;
  readonly tier: number | undefined;
  readonly kinds: readonly StatementKind[];
  /** `orders is 12 % slower than in August and will miss its 30-minute RTO around 9 March`. */
  readonly text: string;
}

export type StatementKind =
  | 'failing'
  | 'not-drilled'
  | 'never-drilled'
  | 'no-proof'
  | 'above-target'
  | 'will-miss'
  | 'slower';

export interface Coverage {
  readonly drillCount: number;
  /** Current drills without any gap. */
  readonly coveredCount: number;
  /** For a past period: current drills without evidence that they existed then. */
  readonly laterCount: number;
  /** For a past period: counted drills whose schedule at its end is not on record, so it is unknown whether they were overdue. */
  readonly scheduleUnknownCount: number;
  /** Worst first; a drill may have several. */
  readonly gaps: readonly CoverageGap[];
  /** For drills that have a recovery identity, whether it works, as currently known. Empty for a past period. */
  readonly recoveryIdentities: readonly RecoveryIdentity[];
  /** For every current drill that has run, how much damage its checks were shown to catch, as currently known. Empty for a past period. */
  readonly proofs: readonly CheckProof[];
  /** For every current drill with `race`, which way recovers first, as currently known. Empty for a past period. */
  readonly races: readonly RaceResult[];
}

/** Backups and databases without a drill. */
export interface DiscoveredGaps {
  readonly lookedAt: Date;
  /** `2 series of backups and 1 database are not covered by any drill`. */
  readonly sentence: string;
  readonly gaps: readonly DiscoveredGap[];
  /** Sources and servers that could not be scanned. */
  readonly problems: readonly { readonly where: string; readonly message: string }[];
}

export interface DiscoveredGap {
  readonly kind: 'series' | 'database';
  /** The glob of the backups, or the name of the database. */
  readonly name: string;
  readonly state: CoverageState;
  /** The source, the server, or the backups that contain it. */
  readonly where: string;
  readonly content: string;
  readonly newestAt: Date | undefined;
}

export interface RecoveryIdentity {
  readonly drill: string;
  /** `proven with the recovery key on 20 Nov 2026`. */
  readonly sentence: string;
}

export interface CheckProof {
  readonly drill: string;
  /** `checks caught 5 of 6 damages on 28 Nov 2026`, `checks never proven`. */
  readonly sentence: string;
  /** All undefined: never proven. */
  readonly caught: number | undefined;
  readonly total: number | undefined;
  readonly provenAt: Date | undefined;
  readonly runId: string | undefined;
}

/**
 * Gaps in the evidence of a drill, worst first. `no-proof`: drilled, but no run gave a verdict; `not-drilled`: no run in the period; `recovery-identity`: never
 * proven with the keys or credentials of the person who recovers, or not in the last attempt; `checks-unproven`: the drill has changed since its checks were
 * proven, or they were never proven although the drill asks for it; `disabled`: a freeze is in effect; `not-scheduled`: runs only on demand; `retired`: there
 * is a history, but the drill was removed.
 */
export const GAP_KINDS = [
  'never',
  'failing-long',
  'no-proof',
  'not-drilled',
  'overdue',
  'broken',
  'recovery-identity',
  'checks-unproven',
  'disabled',
  'not-scheduled',
  'retired',
] as const;
export type GapKind = (typeof GAP_KINDS)[number];

export interface CoverageGap {
  readonly kind: GapKind;
  readonly drill: string;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  /** Undefined: it has always existed; for a freeze without a stated start: unknown. */
  readonly since: Date | undefined;
  readonly ageMs: number | undefined;
  readonly sentence: string;
  readonly runId: string | undefined;
}

/** Consecutive runs. `failed`: up to the next pass, skipping runs without a verdict; `no-verdict`: up to the next verdict. */
export interface Incident {
  readonly kind: 'failed' | 'no-verdict';
  readonly drill: string;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  readonly reasons: readonly Reason[];
  readonly errorCodes: readonly ErrorCode[];
  /** The first and the last of its runs; the first may be before the period. */
  readonly first: IncidentRun;
  readonly last: IncidentRun;
  /** Number of runs within the period. */
  readonly runs: number;
  /** The run that resolved it by the report's end; undefined: it was still open. */
  readonly resolved: { readonly at: Date; readonly runId: string } | undefined;
  /** Age when it was resolved, or at the report's end. */
  readonly ageMs: number;
}

export interface IncidentRun {
  readonly runId: string;
  readonly at: Date;
  /** The reason, as text. */
  readonly sentence: string;
}

/** How many of the runs that had a sandbox confirmed its removal. */
export interface TeardownCounts {
  readonly confirmed: number;
  /** Kept on purpose, for inspection. */
  readonly kept: number;
  readonly notConfirmed: number;
}

export interface Audit {
  /** The retention of records, as text. */
  readonly retention: string;
  readonly sampling: { readonly rule: string; readonly shown: number; readonly of: number };
  /** By drill, then oldest first. */
  readonly runs: readonly Evidence[];
  readonly teardown: TeardownCounts;
  readonly controls: readonly Control[];
}

/** A full run record except its definition's text (represented by the hash) and its lease. `host`: where it ran. */
export type Evidence = Omit<RunRecord, 'definition' | 'leaseOwner' | 'leaseExpiresAt' | 'leaseBeatMs'> & {
  readonly host: string;
};

/** A part of the report. */
export type ReportSection = 'headline' | 'attainment' | 'trends' | 'forecast' | 'coverage' | 'incidents' | 'audit';

/** A requirement for which restore drills are evidence. */
export interface Control {
  /** Anchor and key: `soc2-a1.3`. */
  readonly id: string;
  readonly framework: string;
  readonly clause: string;
  /** The framework's own title; undefined when it has none. */
  readonly title: string | undefined;
  /** What the control requires, in our words; the standard's own text is authoritative. */
  readonly asks: string;
  readonly evidence: readonly { readonly section: ReportSection; readonly shows: string }[];
  /** Where the framework's text is published. */
  readonly source: string;
}
