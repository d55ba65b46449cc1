import type { ZodRawShape, ZodType } from 'zod';
import type { OnStoreRequest } from '../support/store-request.ts';
import type { KeySpec } from './decryption/key-spec.ts';
import type { BackupKey } from './layer.ts';
import type { BackupSource } from './source.ts';

/** A drill file's source settings, parsed and with variables replaced. */
export interface SourceReading {
  /** A text or a secret by its key. undefined: not set, or missing (which has been reported). */
  text(key: string): string | undefined;
  flag(key: string): boolean | undefined;
  /** A value as the schema of its key has read it, without variables replaced. */
  value(key: string): unknown;
  /** Whether the drill file has the key, even when its value could not be resolved. */
  has(key: string): boolean;
  /** The value that {@link SourceDriver.definition} is the schema of. */
  readonly definition?: unknown;
  /** Absolute path of the drill file. */
  readonly drillFile: string;
  /** What a source looks like, of every driver: `s3://BUCKET/PREFIX/ or a directory such as ./backups`. */
  readonly examples: string;
  /** @param key `url`, or one of the driver's own. */
  report(key: string, message: string): void;
}

/** Properties of every source of a driver. Code branches on these, never on a driver's name. */
export interface SourceTraits {
  /** True when an object is listed only once it is complete; a file, in contrast, grows while it is written. */
  readonly atomicObjects: boolean;
  /** Whether the store can keep earlier versions, and say which were there at an instant. Default: false. */
  readonly keepsVersions?: boolean;
  /** Whether the store can lock objects against deletion, and say so. Default: false. */
  readonly locksObjects?: boolean;
}

/** What a source gets from outside when it is opened. */
export interface SourceContext {
  /**
   * Reads a key that the source's own settings name; the redactor knows it before anything else does.
   * @param directory absolute; where relative paths begin. @throws DrillError `key-missing`
   */
  readonly readKey: (spec: KeySpec, directory: string, signal: AbortSignal) => Promise<BackupKey>;
  /** Gets each request to the store once it has ended; must not throw. */
  readonly onRequest: OnStoreRequest;
}

/** Where the credentials of a source may find backups besides in the source itself. */
export interface SourceSiblings<Spec> {
  /** The place that the source is in: its bucket, its parent directory. Undefined: the source is the whole of it. */
  readonly around: Spec | undefined;
  /** Further places of the same kind: the other buckets. */
  readonly others: readonly Spec[];
  /** Why others could not be asked for: `buckets cannot be listed: access denied`. */
  readonly problem: string | undefined;
}

/**
 * One kind of backup storage: how drill files specify it, and how it is opened. {@link BackupSource} documents what the source itself
 * MUST do. A driver MUST:
 * - put no secret into its reports, nor into {@link forRecord};
 * - load its libraries only in {@link open}, because a drill file is parsed without them.
 */
export interface SourceDriver<Type extends string, Keys extends ZodRawShape, Spec extends { readonly type: Type }> {
  readonly type: Type;
  /** What its URLs begin with: `s3://`. Empty: its URLs are paths, or it has none. */
  readonly schemes: readonly string[];
  /** Of a source that no URL can describe: the key below `backup.source` that takes the place of `url`, and its schema. */
  readonly definition?: { readonly key: string; readonly schema: ZodType };
  /** Display name: `a directory`. */
  readonly title: string;
  /** Example URL: `s3://BUCKET/PREFIX/`, or a mapping where it has none. */
  readonly example: string;
  /** Its URLs in Markdown, for the reference. */
  readonly usage: readonly string[];
  /** Its optional keys, beside `source` or below it, with descriptions for the reference. */
  readonly keys: Keys;
  /** The keys in which `${NAME}` is replaced. */
  readonly texts: readonly string[];
  /** The keys that name a secret. */
  readonly secrets: readonly string[];
  /** The keys that decide as whom it is read; `backup.identity.credentials` replaces all of them. */
  readonly credentials: readonly (string & keyof Keys)[];
  /** What `firedrill init` asks for beside the URL: a text key, and the keys to write with it. An empty answer leaves them out. */
  readonly setup?: {
    readonly key: string & keyof Keys;
    readonly ask: string;
    readonly with: Readonly<Record<string, unknown>>;
  };
  readonly traits: SourceTraits;
  /** @param scheme `https://`. A hint for a URL whose scheme no driver supports. */
  adviseOnScheme?(scheme: string): string | undefined;
  /** @param url empty for a source with a {@link definition}. @returns undefined when anything was reported. */
  parse(url: string, reading: SourceReading): Spec | undefined;
  /** What {@link BackupSource.description} will be, before it is opened. */
  describe(spec: Spec): string;
  /** The spec as stored in a drill's recorded definition; the same for the same drill file on every machine. */
  forRecord(spec: Spec): unknown;
  /**
   * What this machine needs for its sources, as a line of `firedrill doctor` where a drill has one. Missing where nothing is needed.
   * Throws `tool-missing` with a hint that says how to get it.
   */
  check?(signal: AbortSignal): Promise<string>;
  open(spec: Spec, ctx: SourceContext): Promise<BackupSource>;
  /** Where else to look for backups, with the same credentials. Throws nothing but the signal's reason. Missing where there is no such place. */
  siblings?(spec: Spec, ctx: Pick<SourceContext, 'onRequest'>, signal: AbortSignal): Promise<SourceSiblings<Spec>>;
}

/** Lets the compiler infer the type, the keys and the spec. */
export function defineSource<Type extends string, Keys extends ZodRawShape, Spec extends { readonly type: Type }>(
  driver: SourceDriver<Type, Keys, Spec>,
): SourceDriver<Type, Keys, Spec> {
  return driver;
}
