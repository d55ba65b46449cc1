import type { Backup, BackupSource } from '../../backup/source.ts';
import type { Engine } from '../../engines/engine-descriptor.ts';
import type { ProofEntry, ProofRecord } from '../../record/run-record.ts';
import type { CopyDescription } from '../../verify/prove/describe-copy.ts';
import type { ProveRequest } from '../contract.ts';

/** What a run that passed hands over to the trials after it. */
export interface ReadingProof {
  readonly asked: ProveRequest;
  /** Results of the trials on the restored copy. */
  readonly entries: readonly ProofEntry[];
  readonly before: ProofRecord | undefined;
  readonly undamaged: CopyDescription | undefined;
  readonly source: BackupSource;
  readonly backup: Backup;
  readonly engine: Engine;
  /** Whether the backup is stored in a repository, which knows each of its backups by name. */
  readonly isInRepository: boolean;
}
