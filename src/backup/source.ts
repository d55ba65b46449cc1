import type { Readable } from 'node:stream';
import type { ProtectionInspector } from './protection.ts';
import type { StoredObject } from './stored-object.ts';

export type { StoredObject } from './stored-object.ts';

/** A version of an object, or a mark that says that the object was deleted then. */
export interface StoredVersion extends StoredObject {
  readonly isLatest: boolean;
  readonly isDeletion: boolean;
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
 * - throw `source-failed` when a response is not a listing or contradicts itself, and never treat it as an empty listing;
 * - give up, with an error, on a store that does not answer or delivers hardly any bytes;
 * - read exactly the requested bytes, or throw; never end cleanly with fewer;
 * - throw `backup-changed` when the object was deleted or replaced since it was listed, on every read, the first included;
 * - throw DrillErrors only: `tool-missing`, `source-missing`, `source-denied`, `source-credentials`, `source-wrong-region`, `source-unreachable`, `source-failed`, `backup-archived`, each with a hint;
 * - retry transient failures (5xx, throttling, a cut connection) internally, with back-off, resuming at the byte where it stopped;
 * - report each request to a store over a network, retries included, to `SourceContext.onRequest`: what was hidden by a retry counts too;
 * - stop at once when the signal aborts, leaving no socket and no file open.
 */
export interface BackupSource {
  /** For messages: `s3://acme-backups/orders/` or `/srv/backups`. Never holds a secret. */
  readonly description: string;
  /** The prefix of every {@link StoredObject.key}, which `match` does not see; `''` for directories. */
  readonly prefix: string;
  /** True where each read costs much more than its bytes, so that an object is read in one go instead of in parallel ranges. Default: false. */
  readonly hasCostlyRanges?: boolean;
  list(signal: AbortSignal): AsyncIterable<StoredObject>;
  /** As {@link list}, from behind a key on. There when listings are in the order of keys, so that one can go on where an earlier one stopped. */
  listAfter?(key: string, signal: AbortSignal): AsyncIterable<StoredObject>;
  /** Every version and every deletion below the prefix, the newest of a key first. There when `SourceTraits.keepsVersions`. */
  listVersions?(signal: AbortSignal): AsyncIterable<StoredVersion>;
  /**
   * Looks whether chosen objects can be read at all, before the first byte is.
   * @returns warnings. @throws DrillError `backup-archived` for one that has to be restored in the store first.
   */
  checkReadable?(objects: readonly StoredObject[], signal: AbortSignal): Promise<readonly string[]>;
  /** Tags of an object; empty when it has none. */
  readTags(object: StoredObject, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** Opens a range of the object. The stream ends after exactly `end - start` bytes, or is destroyed with a DrillError. */
  read(object: StoredObject, range: ReadRange, signal: AbortSignal): Promise<Readable>;
  /**
   * Who the store is read as, in its own words and without a secret: `access key …WXYZ`. Missing, or undefined, where it does not say.
   * Never throws but for the signal: whether that one may read is seen when it reads.
   */
  principal?(signal: AbortSignal): Promise<string | undefined>;
  /** How many requests were sent so far, retries included, where the store may charge for them. */
  requestCount?(): number;
  /** There when `SourceTraits.locksObjects`. */
  readonly protection?: ProtectionInspector;
  close(): void;
}

/** The chosen backup: one object, the parts of one that was split, or a directory of them (a prefix), with the instant when it was taken. */
export interface Backup {
  readonly kind: 'object' | 'directory';
  /** The object's key, that of its parts with a closing `*`, or the directory's prefix with a closing `/`. */
  readonly key: string;
  /** Parts are in order. */
  readonly objects: readonly StoredObject[];
  /** Sum over its objects. */
  readonly sizeBytes: number;
  readonly takenAt: Date;
  /** Where `takenAt` was read from. */
  readonly takenAtFrom: 'name' | 'modified' | 'tag';
}
