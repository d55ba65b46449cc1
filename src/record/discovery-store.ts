import type { CoverageState } from '../support/vocabulary.ts';

/** Backups whose names differ only in dates and counters. */
export interface SeriesFinding {
  readonly kind: 'series';
  readonly state: Exclude<CoverageState, 'no-backup'>;
  /** Where it is stored, without secrets. */
  readonly source: string;
  /** A glob, as `backup.match`. */
  readonly match: string;
  /** Number of backups. */
  readonly backups: number;
  readonly newest: string;
  readonly newestAt: Date;
  /** The median time between two backups; undefined for fewer than three. */
  readonly intervalMs: number | undefined;
  readonly isStopped: boolean;
  /** `engine.type` of a drill; undefined: unknown, for example for encrypted backups. */
  readonly engine: string | undefined;
  /** What the newest backup is, judged by its content: `pg_dump custom archive`, `encrypted (age)`. */
  readonly content: string;
  /** The databases that the newest backup names. */
  readonly databases: readonly string[];
  /** The drills that select the newest backup. */
  readonly drills: readonly string[];
}

/** A database on a running server, or one of several in a dump. */
export interface DatabaseFinding {
  readonly kind: 'database';
  readonly state: Exclude<CoverageState, 'stopped'>;
  /** `postgres://db1.example.com:5432`, without user and password; undefined: known only from a dump. */
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

/** A source or server that could not be inspected, or only in part. */
export interface DiscoveryProblem {
  readonly where: string;
  readonly message: string;
  readonly hint: string | undefined;
  /** False: the discovery is still in progress, and nothing is wrong. */
  readonly isError: boolean;
}

/** The results of one discovery of sources and servers. Plain data, without secrets or backup contents. */
export interface DiscoveryRecord {
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly findings: readonly Finding[];
  readonly problems: readonly DiscoveryProblem[];
  /** Changes in gaps since the previous discovery, as phrases; empty if not compared. */
  readonly newGaps: readonly string[];
  readonly closedGaps: readonly string[];
  /** Series whose newest file is not a backup. */
  readonly ignored: number;
  /** Number of keys listed, and of requests sent if the store counts them. */
  readonly keys: number;
  readonly requests: number;
}

/** Progress of the discovery of one source; the state is JSON that only its writer reads. */
export interface DiscoveryProgress {
  readonly place: string;
  readonly savedAt: Date;
  readonly state: string;
}

/** What `firedrill discover` stores. Only the last discovery is kept. */
export interface DiscoveryStore {
  getDiscovery(): Promise<DiscoveryRecord | undefined>;
  saveDiscovery(record: DiscoveryRecord): Promise<void>;
  getDiscoveryProgress(place: string): Promise<DiscoveryProgress | undefined>;
  saveDiscoveryProgress(progress: DiscoveryProgress): Promise<void>;
}

/** Identifies a finding across discoveries. */
export function keyOfFinding(finding: Finding): string {
  if (finding.kind === 'series') return `${finding.source} ${finding.match}`;
  return `${finding.server ?? finding.foundIn[0] ?? ''} database ${finding.name}`;
}

export function isGap({ state }: Pick<Finding, 'state'>): boolean {
  return state !== 'covered';
}
