/** How far one run's data may outgrow what earlier ones measured: it was measured at rest, after the peak of the load. */
const MARGIN = 1.2;
/**
 * Without history: 1.6 GB of SQL, 211 MiB compressed, made a database of 2.4 GB with its indexes, 10.8 times the compressed size and 1.5
 * times the plain one; 292 MB of SQL from pgbench made 478 MB. Small databases grow further, up to 35 times, but of small ones.
 */
const COMPRESSED_EXPANSION = 12;
const PLAIN_EXPANSION = 3;
/** A server's own files whatever the backup: measured 190 MB for an empty MySQL 9.7, and 410 MB of WAL after a load of PostgreSQL 17. */
const SERVER_BYTES = 1e9;

export interface BackupToEstimate {
  /** As stored; undefined: nobody has looked yet. */
  readonly sizeBytes: number | undefined;
  /** What its name says about compression is all that is known before it is read; undefined: taken for compressed. */
  readonly key?: string | undefined;
  /** Restored bytes on disk per stored byte in earlier runs, see `Baseline.dataExpansion`; undefined: never measured. */
  readonly expansion: number | undefined;
}

/**
 * What restoring a backup will take on disk, in bytes, rather too much than too little: too little fills the disk of everybody.
 * @returns undefined when the backup's size is not known: there is nothing to stand on.
 */
export function estimateDiskBytes({ sizeBytes, key, expansion }: BackupToEstimate): number | undefined {
  if (sizeBytes === undefined) return undefined;
  if (expansion !== undefined) return Math.ceil(sizeBytes * expansion * MARGIN);
  const isPlain = key !== undefined && /\.sql$/i.test(key);
  return sizeBytes * (isPlain ? PLAIN_EXPANSION : COMPRESSED_EXPANSION) + SERVER_BYTES;
}
