import type { StoredObject } from './stored-object.ts';

/** How a store protects one object from being deleted or replaced. */
export interface ObjectLock {
  /** `governance` can be lifted by those who have a special right, `compliance` by nobody. undefined: there is no retention. */
  readonly mode: 'governance' | 'compliance' | undefined;
  readonly until: Date | undefined;
  /** Locked until somebody lifts it, whatever `until` says. */
  readonly legalHold: boolean;
}

/** What the store answers to one question; or why there is no answer, with what the store said. */
export type StoreAnswer<T> =
  | { readonly known: true; readonly value: T }
  /** `unsupported`: the store does not know the question; `denied`: the credentials may not ask; `failed`: anything else. */
  | { readonly known: false; readonly why: 'unsupported' | 'denied' | 'failed'; readonly said: string };

/** A rule of the store that deletes objects when they have been stored for so long. */
export interface ExpiryRule {
  readonly name: string;
  readonly afterMs: number;
}

export interface ProtectionAnswers {
  /** One for each object, in their order. */
  readonly locks: StoreAnswer<readonly ObjectLock[]>;
  readonly versioning: StoreAnswer<'enabled' | 'suspended' | 'off'>;
  /** The rules that will delete one of the objects. */
  readonly expiry: StoreAnswer<readonly ExpiryRule[]>;
  /** Whether the policy of the bucket denies everybody to delete versions. */
  readonly deniedByPolicy: StoreAnswer<boolean>;
}

/** What became of the attempt to delete a marker object. */
export type DeletionProbe =
  /** The store refused. `written`: a marker with the same protection was there; else only the right to delete was tried. */
  | { readonly outcome: 'refused'; readonly written: boolean; readonly said: string }
  /** It is gone. `bypassed`: only by lifting governance retention. */
  | { readonly outcome: 'deleted'; readonly bypassed: boolean }
  /** The marker could not be written, and the store did not refuse to delete it. */
  | { readonly outcome: 'allowed' }
  | { readonly outcome: 'failed'; readonly said: string };

/** What a source with locks has besides reading. The only place where a source writes: {@link probe} and its own marker. */
export interface ProtectionInspector {
  /** Asks only. Never throws for an answer that the store does not give, but when the signal aborts. */
  ask(objects: readonly StoredObject[], signal: AbortSignal): Promise<ProtectionAnswers>;
  /**
   * Writes a marker object of its own below the prefix, with the protection that a new object gets, or else that of the given lock, and tries
   * to delete it. Leaves nothing behind but a marker that the store refuses to delete, which is used again.
   */
  probe(like: ObjectLock | undefined, signal: AbortSignal): Promise<DeletionProbe>;
}
