import type { AccessSettings } from '../config/access-schema.ts';
import type { Drill } from '../config/drill-file.ts';
import type { ListenAddress } from '../config/serve-schema.ts';
import type { DrillControl } from '../daemon/control.ts';
import type { Store } from '../record/store.ts';
import type { ReportFormat } from '../report/render/render.ts';
import type { DrillStanding } from '../status/read-standings.ts';
import type { Clock } from '../support/clock.ts';
import type { Markup } from '../support/html.ts';

/** What the pages read and do; all of it is passed in. */
export interface DashboardDeps {
  /** The store as it is open now: it may be opened anew while pages are served. */
  store(): DashboardStore;
  /** How everything stands now. Asked for at each page: it must cost next to nothing, whatever the number of drills. */
  standings(): CurrentStandings | Promise<CurrentStandings>;
  readonly control: DrillControl;
  /** undefined: it has no times, or all of them are blocked. */
  nextRunOf(drill: Drill, now: Date): Date | undefined;
  readonly runbooks: RunbookReader;
  readonly reports: Reports;
  readonly clock: Clock;
  /** Rids texts of secrets. */
  redact(text: string): string;
  readonly access: AccessSettings;
  /** Where the pages are served. */
  readonly listen: ListenAddress;
  /** Where people reach them, without a slash at its end. */
  readonly publicUrl: string | undefined;
  readonly version: string;
  /** Told of what a request met and no answer shows. */
  onError(error: unknown): void;
  /** Told who signed in, was refused, and did what. Never a token. */
  onAccess(message: string): void;
}

export type DashboardStore = Pick<
  Store,
  | 'findRuns'
  | 'getRun'
  | 'getLog'
  | 'findSkips'
  | 'getBaseline'
  | 'hasTokens'
  | 'findToken'
  | 'addSession'
  | 'findSession'
  | 'noteUse'
  | 'endSession'
>;

export interface CurrentStandings {
  /** In any order, each with its newest runs (20 at most), newest first. */
  readonly drills: readonly DrillStanding[];
  /** Files that hold no drill as they are. */
  readonly broken: readonly BrokenDrillFile[];
  /** That nothing starts drills by themselves, in words. */
  readonly schedulerSilence: string | undefined;
}

export interface BrokenDrillFile {
  readonly file: string;
  /** `drills/orders.yaml:12:9: checks[0].expect: …`, the first thing that is wrong. */
  readonly problem: string;
  readonly problemCount: number;
  readonly since: Date;
  /** The drill that goes on as the file last said when it was right. */
  readonly keeps: string | undefined;
}

/** Runbooks as Markdown. Both give undefined for what is not there or cannot be read. */
export interface RunbookReader {
  /** One of the pages that ship with Firedrill. @param page `wrong-data`: letters, digits and dashes only. */
  page(page: string): Promise<string | undefined>;
  /** The drill's own, where it is a file. */
  ofDrill(drill: Drill): Promise<string | undefined>;
}

export interface ReportQuery {
  readonly from: Date;
  readonly to: Date;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
}

/** What pages show of history over a period. */
export interface Reports {
  /** How a drill's recovery went of late. @returns undefined when it has not run. */
  renderTrend(drill: string, standing: DrillStanding | undefined): Promise<Markup | undefined>;
  /** The report as a part of a page. */
  renderReport(query: ReportQuery): Promise<Markup>;
  /** The report as a file, a piece at a time. */
  exportReport(query: ReportQuery, format: ReportFormat): AsyncGenerator<string, void, undefined>;
}
