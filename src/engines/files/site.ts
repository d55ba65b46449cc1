import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { LoadProgress } from '../engine.ts';
import type { SnapshotChoice } from '../format.ts';

/** Where files are restored, and who receives progress. */
export interface FilesSite {
  readonly sandbox: Sandbox;
  /** The folder to restore into; checks see nothing else. */
  readonly directory: string;
  /** Called with the current activity, and how much of it is done. */
  readonly onDoing: (doing: string, step?: LoadProgress['step'], phase?: LoadProgress['phase']) => void;
  /** Which backup of a repository to restore; undefined: the newest. */
  readonly snapshot?: SnapshotChoice;
  readonly signal: AbortSignal;
}

/** Result of a restore, according to the backup's own metadata. */
export interface RestoredTree {
  /** Regular files and their bytes, as the backup lists them; undefined: not stated. */
  readonly files?: number | undefined;
  readonly bytes?: number | undefined;
  readonly warnings: readonly string[];
  /** When the restored state was taken, if only the tool knows that; undefined: as in the listing. */
  readonly takenAt?: Date | undefined;
  /** What was restored, human-readable: `snapshot 8486ae97 of web1`. */
  readonly summary?: string | undefined;
}
