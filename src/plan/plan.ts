import type { EngineSpec, Objectives, SandboxSpec } from '../config/drill-file.ts';
import type { IdentityRecord } from '../record/run-record.ts';
import type { NetworkAccess } from '../support/network-access.ts';
import type { Reading, ReadingShare } from '../support/reading.ts';

/** What a run will do, decided before anything is created: drill + backup → plan. Deeply frozen. */
export interface Plan {
  readonly drill: string;
  /** The path as it can be typed where the plan was requested. */
  readonly drillFile: string;
  readonly backup: PlannedBackup;
  /** Whose keys and credentials the backup was opened with. */
  readonly identity?: IdentityRecord | undefined;
  readonly engine: {
    readonly type: EngineSpec['type'];
    /** The version to restore into: the backup's, or the one that the drill requires. */
    readonly version: string;
    /** The part of the version that selects binaries and images: `17`, `10.11`. */
    readonly major: string;
    /** `exact`: the backup contains data files, which only this major version can read. */
    readonly match?: 'exact' | 'at-least';
  };
  /** Already mapped through the image names in the settings. */
  readonly image: string;
  /** Images of applications that checks start, mapped in the same way; undefined: none. */
  readonly checkImages?: readonly string[];
  /** The database that checks connect to; undefined when neither drill nor backup names one. */
  readonly database: string | undefined;
  /** Where the database's name comes from; undefined when there is none. */
  readonly databaseFrom: 'drill' | 'backup' | undefined;
  /** Where the server's programs come from: `image postgres:17`. */
  readonly programs: string;
  /** Name of the runtime; undefined: the first that can create a sandbox. */
  readonly runtime: string | undefined;
  readonly sandbox: Omit<SandboxSpec, 'runtime'>;
  readonly isolationWanted: string;
  /** What the sandbox may connect to; absent: nothing. */
  readonly network?: NetworkAccess;
  /** Where recovery stops, human-readable; only for a backup with a log: `the end of the log archive`. */
  readonly recoverTo?: string;
  readonly jobs: number;
  readonly checks: readonly string[];
  readonly objectives: Objectives;
  readonly reading: Reading;
  /** Read rate limit; absent: none. */
  readonly readAtMost?: ReadingShare;
  /** undefined without history. */
  readonly estimate: Estimate | undefined;
  readonly warnings: readonly string[];
}

export interface PlannedBackup {
  readonly source: string;
  readonly key: string;
  readonly objectCount: number;
  readonly sizeBytes: number;
  readonly takenAt: Date;
  readonly takenAtFrom: 'name' | 'modified' | 'tag';
  readonly ageMs: number;
  /** How the backup was selected, as text: `latest of 31`. */
  readonly selection: string;
  /** Whether each run selects a different backup, at random. */
  readonly isDrawn: boolean;
  /** When the newest available backup was taken; data loss is measured from it. */
  readonly newestTakenAt: Date;
  readonly newestAgeMs: number;
  readonly format: string;
  readonly serverVersion: string;
  readonly dumpedBy: string;
  readonly extensions: readonly string[];
  readonly roles: readonly string[];
  readonly tableCount: number | undefined;
  /** Names of files next to it with checksums that it is compared with while it is read; absent: none. */
  readonly checksumFiles?: readonly string[];
}

export interface Estimate {
  readonly recoveryTimeMs: number;
  /** How many earlier runs the estimate is based on. */
  readonly fromRuns: number;
}
