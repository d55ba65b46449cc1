import { type ReplicaFile, readReplicaName } from './replica-names.ts';

export interface StoredFile {
  /** Relative to the replica. */
  readonly name: string;
  readonly modifiedAt: Date;
}

/** The files that restoring a replica reads. */
export interface ReplicaPlan {
  readonly generation: string;
  readonly snapshot: ReplicaFile;
  /** In order. */
  readonly segments: readonly ReplicaFile[];
  /** When the last of it was stored: the database can be restored to its state at that time. */
  readonly until: Date;
  /** Number of generations: each new one means that Litestream lost track of the log. */
  readonly generations: number;
}

/** Why there is nothing to restore, to follow the replica's name. */
export interface NoPlan {
  readonly why: string;
}

/**
 * Chooses the generation that was written to last, its newest snapshot, and the log after it. Litestream restores past a gap without an error, so gaps between
 * logs are detected here, and those inside a log by {@link findHole}.
 */
export function planRestore(stored: readonly StoredFile[]): ReplicaPlan | NoPlan {
  const files = stored.flatMap(({ name, modifiedAt }) => {
    const file = readReplicaName(name);
    return file ? [{ ...file, modifiedAt }] : [];
  });
  const newest = files.reduce<(typeof files)[number] | undefined>(
    (best, file) => (best && best.modifiedAt >= file.modifiedAt ? best : file),
    undefined,
  );
  if (!newest) return { why: 'holds no generation' };
  const { generation } = newest;
  const own = files.filter((file) => file.generation === generation);
  const snapshot = own.filter(({ offset }) => offset === undefined).sort((a, b) => b.index - a.index)[0];
  if (!snapshot) return { why: `has no snapshot in its newest generation, ${generation}` };
  const segments = own
    .filter(({ offset, index }) => offset !== undefined && index >= snapshot.index)
    .sort((a, b) => a.index - b.index || (a.offset ?? 0) - (b.offset ?? 0));
  let expected = snapshot.index;
  for (const { index, offset, name } of segments) {
    if (index > expected + 1 || (index > expected && offset !== 0)) return { why: `lacks the log before ${name}` };
    expected = index;
  }
  const [first] = segments;
  if (first && (first.index !== snapshot.index || first.offset !== 0))
    return { why: `lacks the log before ${first.name}` };
  const until = new Date(Math.max(...[snapshot, ...segments].map(({ modifiedAt }) => modifiedAt.getTime())));
  const generations = new Set(files.map((file) => file.generation)).size;
  return { generation, snapshot, segments, until, generations };
}

/**
 * @param sizes of the segments' content, in bytes, in the same order.
 * @returns the segment before which part of its log is missing; undefined: there is no gap.
 */
export function findHole(segments: readonly ReplicaFile[], sizes: readonly number[]): ReplicaFile | undefined {
  return segments.find(({ index, offset }, at) => {
    const before = segments[at - 1];
    if (before?.index !== index) return false;
    return (before.offset ?? 0) + (sizes[at - 1] ?? 0) !== offset;
  });
}
