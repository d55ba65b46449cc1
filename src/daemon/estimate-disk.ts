import type { RecoverSpec } from '../config/drill-file.ts';

/** Margin by which a run's data may exceed earlier measurements, which were made at rest, after the peak of the load. */
const MARGIN = 1.2;
/**
 * Used without history. Measured: 1.6 GB of SQL, 211 MiB compressed, became a database of 2.4 GB with its indexes, 10.8 times the compressed size and 1.5
 * times the plain one; 292 MB of SQL from pgbench became 478 MB. Small databases grow up to 35 times, but from a small size.
 */
const COMPRESSED_EXPANSION = 12;
const PLAIN_EXPANSION = 3;
/** A server's own files, independent of the backup: measured 190 MB for an empty MySQL 9.7, and 410 MB of WAL after a load of PostgreSQL 17. */
const SERVER_BYTES = 1e9;

/** A log that is replayed while it arrives uses the space available, and at least this much: 32 segments of the usual 16 MiB are 0.54 GB. */
const LOG_AHEAD_BYTES = 1e9;

export interface BackupToEstimate {
  /** Stored size; undefined: not polled yet. */
  readonly sizeBytes: number | undefined;
  /** Before the backup is read, only its name shows whether it is compressed; undefined: assumed to be compressed. */
  readonly key?: string | undefined;
  /** Restored bytes on disk per stored byte in earlier runs, see `Baseline.dataExpansion`; undefined: never measured. */
  readonly expansion: number | undefined;
  /** For the log archive next to it, see {@link estimateLogBytes}. Default: none. */
  readonly logBytes?: number | undefined;
}

/**
 * The disk space needed to restore a backup, in bytes. Errs on the high side, because too little fills a shared disk.
 * @returns undefined if the backup's size is unknown, so there is no basis for an estimate.
 */
export function estimateDiskBytes({ sizeBytes, key, expansion, logBytes = 0 }: BackupToEstimate): number | undefined {
  if (sizeBytes === undefined) return undefined;
  if (expansion !== undefined) return Math.ceil(sizeBytes * expansion * MARGIN) + logBytes;
  const isPlain = key !== undefined && /\.sql$/i.test(key);
  return sizeBytes * (isPlain ? PLAIN_EXPANSION : COMPRESSED_EXPANSION) + SERVER_BYTES + logBytes;
}

/**
 * The disk space that a log archive needs in addition to the restored data, in bytes. Segments are stored in the sandbox, wherever its engine runs.
 * @param fetchedBytes by earlier runs, see `Baseline.logBytes`.
 * @param recover the drill's recovery target: some targets are searched for in the whole log before it is replayed.
 */
export function estimateLogBytes(
  fetchedBytes: number | undefined,
  recover: RecoverSpec | undefined,
): number | undefined {
  if (fetchedBytes === undefined) return undefined;
  const isSearched = recover?.to.kind === 'before' || recover?.to.kind === 'random';
  return isSearched ? fetchedBytes : Math.min(fetchedBytes, LOG_AHEAD_BYTES);
}
