import type { Readable } from 'node:stream';
import type { ProtectionInspector } from './protection.ts';
import type { StoredObject } from './stored-object.ts';

export type { StoredObject } from './stored-object.ts';

/** A version of an object, or a marker for its deletion. */
export interface StoredVersion extends StoredObject {
  readonly isLatest: boolean;
  readonly isDeletion: boolean;
}

/** A link in a directory that nothing can be read through. */
export interface DeadLink {
  readonly key: string;
  /** Whether its target does not exist, or lies outside of the source. */
  readonly why: 'dangling' | 'outside';
}

export interface ReadRange {
  /** First byte, inclusive. */
  readonly start: number;
  /** Last byte, exclusive. */
  readonly end: number;
}

/**
 * A backup location. Read-only: nothing here can change or delete a backup. Every implementation MUST:
 * - list every object below its prefix, across pages, in any order, and nothing else: no unfinished multi-part upload, no delete marker;
 * - throw `source-failed` when a response is not a listing or is inconsistent, and never treat it as an empty listing;
 * - give up, with an error, on a store that does not answer or delivers hardly any bytes;
 * - read exactly the requested bytes, or throw; never end cleanly with fewer;
 * - throw `backup-changed` when the object was deleted or replaced since it was listed, on every read, the first included;
 * - throw DrillErrors only: `tool-missing`, `source-missing`, `source-denied`, `source-credentials`, `source-wrong-region`, `source-unreachable`,
 *   `source-failed`, `backup-archived`, each with a hint;
 * - retry transient failures (5xx, throttling, a cut connection) internally, with back-off, resuming at the byte where it stopped;
 * - report each request to a store over a network, retries included, to `SourceContext.onRequest`: failures hidden by a retry count too;
 * - stop at once when the signal aborts, leaving no sockets or files open.
 */
export interface BackupSource {
  /** For messages: `s3://acme-backups/orders/` or `/srv/backups`. Never contains a secret. */
  readonly description: string;
  /** The prefix of every {@link StoredObject.key}, which `match` does not see; `''` for directories. */
  readonly prefix: string;
  /** True if starting a read is expensive, so that an object is read in one go instead of in parallel ranges. Default: false. */
  readonly hasCostlyRanges?: boolean;
  /** @param onDeadLink called for each link that is left out, in a source that can have links. */
  list(signal: AbortSignal, onDeadLink?: (link: DeadLink) => void): AsyncIterable<StoredObject>;
  /** Like {@link list}, starting after a key. Present if listings are ordered by key, so that one can resume where an earlier one stopped. */
  listAfter?(key: string, signal: AbortSignal): AsyncIterable<StoredObject>;
  /** Every version and deletion below the prefix, newest first per key. Present if `SourceTraits.keepsVersions`. */
  listVersions?(signal: AbortSignal): AsyncIterable<StoredVersion>;
  /**
   * Checks whether the chosen objects can be read at all, before reading the first byte.
   * @returns warnings.
   * @throws DrillError `backup-archived` for one that must be restored in the store first.
   */
  checkReadable?(objects: readonly StoredObject[], signal: AbortSignal): Promise<readonly string[]>;
  /** Tags of an object; empty when it has none. */
  readTags(object: StoredObject, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** Opens a range of the object. The stream ends after exactly `end - start` bytes, or is destroyed with a DrillError. */
  read(object: StoredObject, range: ReadRange, signal: AbortSignal): Promise<Readable>;
  /**
   * The identity used to read the store, in the store's terms and without secrets: `access key …WXYZ`. Absent or undefined if unknown. Throws only the
   * signal's reason: whether this identity has access shows when reading.
   */
  principal?(signal: AbortSignal): Promise<string | undefined>;
  /** Number of requests sent so far, retries included, if the store may charge for them. */
  requestCount?(): number;
  /** Present if `SourceTraits.locksObjects`. */
  readonly protection?: ProtectionInspector;
  close(): void;
}

/** The chosen backup: one object, the parts of a split one, or a directory (a prefix), with the time at which it was taken. */
export interface Backup {
  readonly kind: 'object' | 'directory';
  /** The object's key, that of its parts with a trailing `*`, or the directory's prefix with a trailing `/`. */
  readonly key: string;
  /** Parts are in order. */
  readonly objects: readonly StoredObject[];
  /** Sum over its objects. */
  readonly sizeBytes: number;
  readonly takenAt: Date;
  /** Source of `takenAt`. */
  readonly takenAtFrom: 'name' | 'modified' | 'tag';
}
