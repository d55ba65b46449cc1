import type { KeyRing } from '../../backup/layer.ts';
import type { BackupSource } from '../../backup/source.ts';
import type { Clock } from '../../support/clock.ts';
import type { ReadDamage } from '../../support/vocabulary.ts';

/** One run of the drill with a fault injected. */
export interface Trial {
  readonly kind: ReadDamage;
  /** `cut off after 41 % (1.2 of 3.1 MB)` */
  readonly words: string;
  readonly source?: (source: BackupSource) => BackupSource;
  readonly keys?: (keys: KeyRing) => KeyRing;
  readonly clock?: Clock;
}

/** A kind of damage that does not apply to this drill, or cannot be shown here. */
export interface SkippedTrial {
  readonly kind: ReadDamage;
  readonly words: string;
  readonly skipped: string;
}

/** Human-readable reason why a damage was not tried; the machine-readable one is the proof's `isInterrupted`. */
export const INTERRUPTED = 'interrupted';

/** Kinds that change what is restored, and so what checks see. */
export const CHANGES_DATA: ReadonlySet<ReadDamage> = new Set(['truncate', 'flip', 'stale', 'foreign']);
