import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { LoadProgress } from '../engine.ts';
import type { SnapshotChoice } from '../format.ts';

/** Where files are restored, and who is told how far it is. */
export interface FilesSite {
  readonly sandbox: Sandbox;
  /** The folder that is restored into; checks see nothing else. */
  readonly directory: string;
  /** Told the current activity, and how much of it is done. */
  readonly onDoing: (doing: string, step?: LoadProgress['step'], phase?: LoadProgress['phase']) => void;
  /** Which backup of a repository; undefined: the newest. */
  readonly snapshot?: SnapshotChoice;
  readonly signal: AbortSignal;
}

/** What a restore made, by the backup's own account. */
export interface RestoredTree {
  /** Regular files and their bytes, as the backup lists them; undefined: it does not say. */
  readonly files?: number | undefined;
  readonly bytes?: number | undefined;
  readonly warnings: readonly string[];
  /** When the restored state was taken, where only the tool knows that; undefined: as the listing says. */
  readonly takenAt?: Date | undefined;
  /** What was restored, for people: `snapshot 8486ae97 of web1`. */
  readonly summary?: string | undefined;
}
