import type { KeyRing } from '../../backup/layer.ts';
import type { BackupSource } from '../../backup/source.ts';
import type { Clock } from '../../support/clock.ts';
import type { ReadDamage } from '../../support/vocabulary.ts';

/** One run of the drill with a fault on one of its seams. */
export interface Trial {
  readonly kind: ReadDamage;
  /** `cut off after 41 % (1.2 of 3.1 MB)` */
  readonly words: string;
  readonly source?: (source: BackupSource) => BackupSource;
  readonly keys?: (keys: KeyRing) => KeyRing;
  readonly clock?: Clock;
}

/** A damage that this drill cannot have, or that cannot be shown here. */
export interface SkippedTrial {
  readonly kind: ReadDamage;
  readonly words: string;
  readonly skipped: string;
}

/** Why a damage was not tried any more, for people; that it was so is `isInterrupted` of the proof. */
export const INTERRUPTED = 'interrupted';

/** Kinds that change what is restored, and so what checks see. */
export const CHANGES_DATA: ReadonlySet<ReadDamage> = new Set(['truncate', 'flip', 'stale', 'foreign']);
