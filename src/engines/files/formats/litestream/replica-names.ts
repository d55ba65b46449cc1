/**
 * A file of a replica, wherever the replica is stored: `generations/GENERATION/snapshots/INDEX.snapshot.lz4`,
 * `generations/GENERATION/wal/INDEX_OFFSET.wal.lz4`.
 */
export const MEMBER =
  /(?<=^|\/)generations\/([0-9a-f]{16})\/(?:snapshots\/([0-9a-f]{8})\.snapshot|wal\/([0-9a-f]{8})_([0-9a-f]{8})\.wal)\.lz4$/;

export interface ReplicaFile {
  /** Relative to the replica. */
  readonly name: string;
  readonly generation: string;
  /** Number of the write-ahead log; each begins where the database was checkpointed. */
  readonly index: number;
  /** Where it begins in that log, in bytes; undefined: it is a snapshot of the database before that log. */
  readonly offset: number | undefined;
}

/** @returns undefined for other kinds of files. */
export function readReplicaName(name: string): ReplicaFile | undefined {
  const [, generation, snapshot, index, offset] = MEMBER.exec(name) ?? [];
  if (generation === undefined) return undefined;
  return {
    name,
    generation,
    index: Number.parseInt(snapshot ?? index ?? '', 16),
    offset: offset === undefined ? undefined : Number.parseInt(offset, 16),
  };
}
