import type { BackupSpec } from '../../config/drill-file.ts';
import type { Backup } from '../source.ts';
import type { Candidate } from './candidates.ts';
import type { CandidateDate } from './date-candidate.ts';

export interface ChoiceRule {
  /** For messages: the source's description. */
  readonly where: string;
  readonly prefix: string;
  readonly match: string;
  readonly select: BackupSpec['select'];
  readonly takenAt: BackupSpec['takenAt'];
  /** In which names are meant. Default: UTC. */
  readonly timezone?: string | undefined;
  /** What a random choice is drawn from: the run's id. The same seed over the same backups is the same choice. */
  readonly seed: string;
  /** With `takenAt: tag`: the value of the tag `taken-at`, where it has been read and is there. */
  readonly tagOf?: (candidate: Candidate) => string | undefined;
  /** Candidates whose tag was not read because they are older than whatever the rule asks for. */
  readonly unreadCount?: number;
}

export interface Chosen {
  readonly backup: Backup;
  /** In words: `latest of 31`, `random: 12th of 30 within 30 d, seed 20261121-094131-k3f9qz`, `named`. */
  readonly selection: string;
  /** When the newest backup that has bytes was taken: data loss counts from it, whichever is drilled. */
  readonly newestTakenAt: Date;
  readonly listedCount: number;
  readonly matchedCount: number;
  readonly warnings: readonly string[];
}

export interface Dated extends CandidateDate {
  readonly candidate: Candidate;
}
