import type { AccessSettings } from '../config/access-schema.ts';
import type { Drill } from '../config/drill-file.ts';
import type { ListenAddress } from '../config/serve-schema.ts';
import type { DrillControl } from '../daemon/control.ts';
import type { DiscoveryRecord } from '../record/discovery-store.ts';
import type { Store } from '../record/store.ts';
import type { ReportFormat } from '../report/format-registry.ts';
import type { DrillOutlook } from '../report/read-outlook.ts';
import type { DrillStanding } from '../status/read-standings.ts';
import type { Clock } from '../support/clock.ts';
import type { Markup } from '../support/html.ts';

/** Everything that pages read and do; all of it is injected. */
export interface DashboardDeps {
  /** The currently open store: it may be reopened while pages are served. */
  store(): DashboardStore;
  /** The current state of every drill. Called for each page, so it must be cheap regardless of the number of drills. */
  standings(): CurrentStandings | Promise<CurrentStandings>;
  readonly control: DrillControl;
  /** @returns undefined if the drill has no times, or all of them are blocked. */
  nextRunOf(drill: Drill, now: Date): Date | undefined;
  readonly runbooks: RunbookReader;
  readonly reports: Reports;
  readonly clock: Clock;
  /** Removes secrets from text. */
  redact(text: string): string;
  readonly access: AccessSettings;
  /** The address on which the pages are served. */
  readonly listen: ListenAddress;
  /** The URL at which users reach them, without a trailing slash. */
  readonly publicUrl: string | undefined;
  readonly version: string;
  /** Called with errors of a request that no response shows. */
  onError(error: unknown): void;
  /** Called with a message for each sign-in, refusal and action. Never contains a token. */
  onAccess(message: string): void;
}

export type DashboardStore = Pick<
  Store,
  | 'findRuns'
  | 'countMatchingRuns'
  | 'getTotals'
  | 'getRun'
  | 'getLog'
  | 'findSkips'
  | 'acknowledge'
  | 'getAcknowledgements'
  | 'findAcknowledgements'
  | 'addSilence'
  | 'endSilence'
  | 'findSilences'
  | 'endAcknowledgement'
  | 'findRequestHours'
  | 'findRequests'
  | 'getRuns'
  | 'isShared'
  | 'getDaemons'
  | 'getRunners'
  | 'findRunning'
  | 'findJobs'
  | 'getBaseline'
  | 'hasTokens'
  | 'findToken'
  | 'addSession'
  | 'findSession'
  | 'noteUse'
  | 'endSession'
>;

export interface CurrentStandings {
  /** In any order, each with its newest runs (at most 20), newest first. */
  readonly drills: readonly DrillStanding[];
  /** Drill files that are currently invalid. */
  readonly broken: readonly BrokenDrillFile[];
  /** The last discovery; undefined: there was none. */
  readonly discovery?: DiscoveryRecord | undefined;
  /** Why no drill is started on schedule, as a sentence. */
  readonly schedulerSilence: string | undefined;
  /** Message that runs are skipped because of the month's budget; undefined: none are. */
  readonly budgetExceeded?: string | undefined;
}

export interface BrokenDrillFile {
  readonly file: string;
  /** `drills/orders.yaml:12:9: checks[0].expect: …`, the first problem. */
  readonly problem: string;
  readonly problemCount: number;
  readonly since: Date;
  /** The drill that continues with the last valid version of the file. */
  readonly keeps: string | undefined;
}

/** Runbooks as Markdown. Both methods return undefined for a missing or unreadable file. */
export interface RunbookReader {
  /** A page that ships with Firedrill. @param page `wrong-data`: letters, digits and dashes only. */
  page(page: string): Promise<string | undefined>;
  /** The drill's own runbook, if it is a file. */
  ofDrill(drill: Drill): Promise<string | undefined>;
}

export interface ReportQuery {
  readonly from: Date;
  readonly to: Date;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
}

/** History over a period, as shown on pages. */
export interface ExportedReport {
  readonly format: ReportFormat;
  readonly pieces: AsyncGenerator<string | Uint8Array, void, undefined>;
}

export interface Reports {
  /** How a drill has done in the last 90 days, and whether it is expected to exceed its RTO. */
  readOutlook(drill: string, standing: DrillStanding): Promise<DrillOutlook>;
  /** A drill's recovery trend of the last days. @returns undefined when it has not run in them. */
  renderTrend(drill: string, standing: DrillStanding | undefined, days: number): Promise<Markup | undefined>;
  /** The report as part of a page. */
  renderReport(query: ReportQuery): Promise<Markup>;
  /**
   * The report as a file, in chunks.
   * @param signal aborts rendering by another program.
   * @returns HTML instead of a format that this host cannot produce, including the reason.
   */
  exportReport(query: ReportQuery, format: ReportFormat, signal: AbortSignal): Promise<ExportedReport>;
}
