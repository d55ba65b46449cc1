import type { BackupSpec } from '../../config/drill-file.ts';
import type { DirectoryLayout } from '../directory-layout.ts';
import type { Backup, StoredObject } from '../source.ts';
import type { Candidate } from './candidates.ts';
import type { CandidateDate } from './date-candidate.ts';
import type { SplitReadings } from './split-sets.ts';

export interface ChoiceRule {
  /** For messages: the source's description. */
  readonly where: string;
  readonly prefix: string;
  readonly match: string;
  /** Layouts of directories that are one backup. */
  readonly layouts: readonly DirectoryLayout[];
  readonly select: BackupSpec['select'];
  readonly takenAt: BackupSpec['takenAt'];
  /** Timezone of times in names. Default: UTC. */
  readonly timezone?: string | undefined;
  /** Seed of a random choice: the run's id. The same seed and the same backups give the same choice. */
  readonly seed: string;
  /** With `takenAt: tag`: the value of the tag `taken-at`, if it exists and has been read. */
  readonly tagOf?: (candidate: Candidate) => string | undefined;
  /** Number of candidates whose tag was not read because they are too old for the rule. */
  readonly unreadCount?: number;
  /** Findings from the content of files that may have been split. */
  readonly splitReadings?: SplitReadings;
}

export interface Chosen {
  readonly backup: Backup;
  /** Description of the selection: `latest of 31`, `random: 12th of 30 within 30 d, seed 20261121-094131-k3f9qz`, `named`. */
  readonly selection: string;
  /** When the newest non-empty backup was taken. Data loss is measured from it, whichever backup is drilled. */
  readonly newestTakenAt: Date;
  readonly warnings: readonly string[];
  /** Other objects in the backup's folder, possibly including its manifest. */
  readonly neighbours: readonly StoredObject[];
  /** All listed objects. */
  readonly listed: readonly StoredObject[];
}

export interface Dated extends CandidateDate {
  readonly candidate: Candidate;
}
