import type { CoverageState } from '../support/vocabulary.ts';

/** Backups whose names differ only in dates and counters. */
export interface SeriesFinding {
  readonly kind: 'series';
  readonly state: Exclude<CoverageState, 'no-backup'>;
  /** Where it is stored; never holds a secret. */
  readonly source: string;
  /** A glob, as `backup.match`. */
  readonly match: string;
  /** How many backups there are. */
  readonly backups: number;
  readonly newest: string;
  readonly newestAt: Date;
  /** The median time between two backups; undefined with fewer than three. */
  readonly intervalMs: number | undefined;
  readonly isStopped: boolean;
  /** `engine.type` of a drill; undefined: not known, as of encrypted backups. */
  readonly engine: string | undefined;
  /** What the newest is by its content: `pg_dump custom archive`, `encrypted (age)`. */
  readonly content: string;
  /** The databases in the newest, as far as it names them. */
  readonly databases: readonly string[];
  /** The drills that select the newest. */
  readonly drills: readonly string[];
}

/** A database of a running server, or of a dump of several. */
export interface DatabaseFinding {
  readonly kind: 'database';
  readonly state: Exclude<CoverageState, 'stopped'>;
  /** `postgres://db1.example.com:5432`, without user and password; undefined: only a dump names it. */
  readonly server: string | undefined;
  readonly engine: string;
  readonly name: string;
  readonly sizeBytes: number | undefined;
  /** The series whose newest backup contains it, as `SOURCE MATCH`. */
  readonly foundIn: readonly string[];
  /** The drills that restore it by name, or check it. */
  readonly drills: readonly string[];
}

export type Finding = SeriesFinding | DatabaseFinding;

/** A source or a server that could not be looked at, or not whole. */
export interface DiscoveryProblem {
  readonly where: string;
  readonly message: string;
  readonly hint: string | undefined;
  /** False: the look is going on, and nothing is wrong. */
  readonly isError: boolean;
}

/** What one look at sources and servers found. Plain data, without secrets and without data of backups. */
export interface DiscoveryRecord {
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly findings: readonly Finding[];
  readonly problems: readonly DiscoveryProblem[];
  /** Gaps since the look before, as phrases; empty of one that is not compared. */
  readonly newGaps: readonly string[];
  readonly closedGaps: readonly string[];
  /** Series whose newest file is no backup. */
  readonly ignored: number;
  /** How many keys were listed, and requests sent where the store counts them. */
  readonly keys: number;
  readonly requests: number;
}

/** How far a look at one source has come; the state is JSON that only its writer reads. */
export interface DiscoveryProgress {
  readonly place: string;
  readonly savedAt: Date;
  readonly state: string;
}

/** What `firedrill discover` keeps. The last look counts; earlier ones are not kept. */
export interface DiscoveryStore {
  getDiscovery(): Promise<DiscoveryRecord | undefined>;
  saveDiscovery(record: DiscoveryRecord): Promise<void>;
  getDiscoveryProgress(place: string): Promise<DiscoveryProgress | undefined>;
  saveDiscoveryProgress(progress: DiscoveryProgress): Promise<void>;
}

/** What stays the same of a finding from one look to the next. */
export function keyOfFinding(finding: Finding): string {
  if (finding.kind === 'series') return `${finding.source} ${finding.match}`;
  return `${finding.server ?? finding.foundIn[0] ?? ''} database ${finding.name}`;
}

export function isGap({ state }: Pick<Finding, 'state'>): boolean {
  return state !== 'covered';
}
