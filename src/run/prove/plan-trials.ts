import { failingFrom, flipped, metered, truncated, withFaults } from '../../backup/faults/faulty-objects.ts';
import { drawBetween, placeAt } from '../../backup/faults/place.ts';
import { withWrongKeys } from '../../backup/faults/wrong-keys.ts';
import type { Backup, StoredObject } from '../../backup/source.ts';
import type { Clock } from '../../support/clock.ts';
import { formatBytes, formatCount, formatDuration } from '../../support/quantities.ts';
import type { ReadDamage } from '../../support/vocabulary.ts';
import { slowedClock } from './slowed-clock.ts';
import type { SkippedTrial, Trial } from './trial.ts';

export interface TrialInput {
  readonly backup: Pick<Backup, 'objects' | 'sizeBytes'>;
  /** Seed for the choice of places. */
  readonly seed: string;
  /** How many places of each kind. */
  readonly places: number;
  readonly isEncrypted: boolean;
  readonly rtoMs: number;
  /** Whether the run on undamaged data took longer than the RTO. */
  readonly isTooSlow: boolean;
  readonly clock: Clock;
}

/** How long a slow source takes to deliver the backup, as a multiple of the RTO. */
const SLOW = 2;
/** The store fails after this share of the backup. */
const LATE = 0.99;

/** The trials of one kind that need only the backup itself. Pure; the same seed gives the same trials. */
export function planTrials(
  kind: Exclude<ReadDamage, 'stale' | 'foreign'>,
  input: TrialInput,
): readonly (Trial | SkippedTrial)[] {
  if (kind === 'truncate') return range(input.places).map((index) => truncation(index, input));
  if (kind === 'flip') return range(input.places).map((index) => flip(index, input));
  if (kind === 'failing-store') return [failingStore(input)];
  return [kind === 'wrong-key' ? wrongKey(input) : slowSource(input)];
}

/** Alternates between anywhere in the backup and its last percent, which is the hardest to notice. */
function truncation(index: number, { backup: { objects, sizeBytes }, seed }: TrialInput): Trial {
  const from = index % 2 === 0 ? Math.ceil(sizeBytes * 0.02) : Math.floor(sizeBytes * 0.99);
  const position = drawBetween(seed, `truncate ${index}`, Math.min(from, sizeBytes - 1), sizeBytes);
  const cut = mustPlace(objects, Math.min(sizeBytes - 1, Math.max(1, position)));
  const whole = objects.length > 1 ? cut.object.sizeBytes : sizeBytes;
  return {
    kind: 'truncate',
    words: `${nameIn(objects, cut.object)}cut off at byte ${formatCount(cut.offset)} of ${formatCount(whole)}`,
    source: (source) => withFaults(source, [truncated(cut.object, cut.offset)]),
  };
}

/** Each flip is in its own part of the backup. */
function flip(index: number, { backup: { objects, sizeBytes }, seed, places }: TrialInput): Trial {
  const [from, to] = [index, index + 1].map((part) => Math.floor((sizeBytes * part) / places));
  const position = Math.min(sizeBytes - 1, drawBetween(seed, `flip ${index}`, from ?? 0, to ?? sizeBytes));
  const { object, offset } = mustPlace(objects, position);
  const bit = drawBetween(seed, `bit ${index}`, 0, 8);
  return {
    kind: 'flip',
    words: `${nameIn(objects, object)}bit ${bit} flipped in byte ${formatCount(offset)}`,
    source: (source) => withFaults(source, [flipped(object, offset, bit)]),
  };
}

function failingStore({ backup: { objects, sizeBytes } }: TrialInput): Trial {
  const { object, offset } = mustPlace(objects, Math.min(sizeBytes - 1, Math.floor(sizeBytes * LATE)));
  return {
    kind: 'failing-store',
    words: `the store fails after ${formatBytes(Math.floor(sizeBytes * LATE))} of ${formatBytes(sizeBytes)}`,
    source: (source) => withFaults(source, [failingFrom(object, offset)]),
  };
}

function wrongKey({ isEncrypted }: TrialInput): Trial | SkippedTrial {
  const words = 'a key other than the backup’s';
  if (!isEncrypted) return { kind: 'wrong-key', words, skipped: 'the backup is not encrypted' };
  return { kind: 'wrong-key', words, keys: withWrongKeys };
}

function slowSource({ backup: { objects, sizeBytes }, rtoMs, isTooSlow, clock }: TrialInput): Trial | SkippedTrial {
  const words = `a source that takes ${formatDuration(SLOW * rtoMs)} (simulated time)`;
  if (isTooSlow) return { kind: 'slow-source', words, skipped: 'the drill misses its RTO without any damage' };
  const slow = slowedClock(clock, (SLOW * rtoMs) / Math.max(1, sizeBytes));
  return {
    kind: 'slow-source',
    words,
    clock: slow.clock,
    source: (source) =>
      withFaults(
        source,
        objects.map((object) => metered(object, slow.onBytes)),
      ),
  };
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function mustPlace(objects: readonly StoredObject[], position: number) {
  const place = placeAt(objects, position);
  if (!place) throw new Error(`the backup has no byte ${position}`);
  return place;
}

/** Names the file, for a backup with several. */
function nameIn(objects: readonly StoredObject[], { key }: StoredObject): string {
  return objects.length > 1 ? `${key.slice(key.lastIndexOf('/') + 1)}: ` : '';
}
