import type { EngineSpec, Objectives, SandboxSpec } from '../config/drill-file.ts';
import type { RuntimeName } from '../support/vocabulary.ts';

/** What a run will do, decided before anything is made: drill + backup → plan. Frozen all the way down. */
export interface Plan {
  readonly drill: string;
  /** As it can be typed where the plan was asked for. */
  readonly drillFile: string;
  readonly backup: PlannedBackup;
  readonly engine: {
    readonly type: EngineSpec['type'];
    /** The version to restore into: the backup's, or the one that the drill insists on. */
    readonly version: string;
    /** The part of it that chooses binaries and images: `17`, `10.11`. */
    readonly major: string;
  };
  /** Already mapped by the settings' image names. */
  readonly image: string;
  /** The database that checks connect to; undefined when neither drill nor backup names it. */
  readonly database: string | undefined;
  /** Who named the database; undefined: nobody. */
  readonly databaseFrom: 'drill' | 'backup' | undefined;
  /** undefined: docker where an engine answers, else local. */
  readonly runtime: RuntimeName | undefined;
  readonly sandbox: Omit<SandboxSpec, 'runtime'>;
  readonly isolationWanted: string;
  readonly jobs: number;
  readonly checks: readonly string[];
  readonly objectives: Objectives;
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
  /** How it was chosen, in words: `latest of 31`. */
  readonly selection: string;
  /** Each run chooses another one. */
  readonly isDrawn: boolean;
  /** When the newest backup there was taken; data loss counts from it. */
  readonly newestTakenAt: Date;
  readonly newestAgeMs: number;
  readonly format: string;
  readonly serverVersion: string;
  readonly dumpedBy: string;
  readonly extensions: readonly string[];
  readonly roles: readonly string[];
  readonly tableCount: number | undefined;
}

export interface Estimate {
  readonly recoveryTimeMs: number;
  /** How many earlier runs it stands on. */
  readonly fromRuns: number;
}
