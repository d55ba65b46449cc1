import type { StoredObject } from './stored-object.ts';

/** How a store protects one object from being deleted or replaced. */
export interface ObjectLock {
  /** `governance` can be lifted with a special permission, `compliance` by nobody. undefined: no retention. */
  readonly mode: 'governance' | 'compliance' | undefined;
  readonly until: Date | undefined;
  /** Locked until the hold is lifted, regardless of `until`. */
  readonly legalHold: boolean;
}

/** The store's answer to a query, or why there is none, with the store's message. */
export type StoreAnswer<T> =
  | { readonly known: true; readonly value: T }
  /** `unsupported`: the store does not support the query; `denied`: the credentials do not permit it; `failed`: anything else. */
  | { readonly known: false; readonly why: 'unsupported' | 'denied' | 'failed'; readonly said: string };

/** A rule by which the store deletes objects after a certain time. */
export interface ExpiryRule {
  readonly name: string;
  readonly afterMs: number;
}

export interface ProtectionAnswers {
  /** One for each object, in their order. */
  readonly locks: StoreAnswer<readonly ObjectLock[]>;
  readonly versioning: StoreAnswer<'enabled' | 'suspended' | 'off'>;
  /** The rules that will delete any of the objects. */
  readonly expiry: StoreAnswer<readonly ExpiryRule[]>;
  /** Whether the bucket policy denies everybody the deletion of versions. */
  readonly deniedByPolicy: StoreAnswer<boolean>;
}

/** The result of trying to delete a marker object. */
export type DeletionProbe =
  /** The store refused. `written`: a marker with the same protection existed; otherwise only the permission to delete was tested. */
  | { readonly outcome: 'refused'; readonly written: boolean; readonly said: string }
  /** The marker was deleted. `bypassed`: only by overriding governance retention. */
  | { readonly outcome: 'deleted'; readonly bypassed: boolean }
  /** The marker could not be written, and the store did not refuse to delete it. */
  | { readonly outcome: 'allowed' }
  | { readonly outcome: 'failed'; readonly said: string };

/** What a source with locks offers besides reading. {@link probe} is the only place where a source writes, and it writes only its own marker. */
export interface ProtectionInspector {
  /** Read-only. A query that the store does not answer never throws; only an aborted signal does. */
  ask(objects: readonly StoredObject[], signal: AbortSignal): Promise<ProtectionAnswers>;
  /**
   * Writes a marker object of its own below the prefix, with the default protection of new objects, or else that of the given lock, and tries to delete it.
   * Leaves nothing behind except a marker that the store refuses to delete, which is reused.
   */
  probe(like: ObjectLock | undefined, signal: AbortSignal): Promise<DeletionProbe>;
}
