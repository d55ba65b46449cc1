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
  /** A value as parsed by the schema of its key, without variables replaced. */
  value(key: string): unknown;
  /** Whether the drill file has the key, even when its value could not be resolved. */
  has(key: string): boolean;
  /** The value for {@link SourceDriver.definition}. */
  readonly definition?: unknown;
  /** Absolute path of the drill file. */
  readonly drillFile: string;
  /** Example source URLs of all drivers: `s3://BUCKET/PREFIX/ or a directory such as ./backups`. */
  readonly examples: string;
  /** @param key `url`, or one of the driver's own. */
  report(key: string, message: string): void;
}

/** Properties of every source of a driver. Code branches on these, never on a driver's name. */
export interface SourceTraits {
  /** True if objects are listed only once complete; a file, in contrast, grows while it is written. */
  readonly atomicObjects: boolean;
  /** Whether the store can keep earlier versions, and list those that existed at an instant. Default: false. */
  readonly keepsVersions?: boolean;
  /** Whether the store can lock objects against deletion, and report it. Default: false. */
  readonly locksObjects?: boolean;
}

/** Dependencies passed to a source when it is opened. */
export interface SourceContext {
  /**
   * Reads a key named in the source's own settings; it is added to the redactor before anything else sees it.
   * @param directory absolute; base of relative paths.
   * @throws DrillError `key-missing`
   */
  readonly readKey: (spec: KeySpec, directory: string, signal: AbortSignal) => Promise<BackupKey>;
  /** Called with each request to the store once it has ended; must not throw. */
  readonly onRequest: OnStoreRequest;
}

/** Other places where a source's credentials may give access to backups. */
export interface SourceSiblings<Spec> {
  /** What contains the source: its bucket, its parent directory. Undefined: the source is all of it. */
  readonly around: Spec | undefined;
  /** Other places of the same kind: the other buckets. */
  readonly others: readonly Spec[];
  /** Why others could not be listed: `buckets cannot be listed: access denied`. */
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
  /** URL prefixes: `s3://`. Empty: its URLs are paths, or it has none. */
  readonly schemes: readonly string[];
  /** For sources that no URL can describe: the key below `backup.source` that replaces `url`, and its schema. */
  readonly definition?: { readonly key: string; readonly schema: ZodType };
  /** Display name: `a directory`. */
  readonly title: string;
  /** Example URL: `s3://BUCKET/PREFIX/`, or a mapping if it has no URLs. */
  readonly example: string;
  /** Its URLs in Markdown, for the reference. */
  readonly usage: readonly string[];
  /** Its optional keys, next to `source` or below it, with descriptions for the reference. */
  readonly keys: Keys;
  /** The keys in which `${NAME}` is replaced. */
  readonly texts: readonly string[];
  /** The keys that name a secret. */
  readonly secrets: readonly string[];
  /** The keys that determine the identity with which it is read; `backup.identity.credentials` replaces all of them. */
  readonly credentials: readonly (string & keyof Keys)[];
  /** What `firedrill init` prompts for besides the URL: a text key, and the keys to write with it. An empty answer omits them. */
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
  /** The future {@link BackupSource.description}, before the source is opened. */
  describe(spec: Spec): string;
  /** The spec as stored in a drill's recorded definition; the same for the same drill file on every machine. */
  forRecord(spec: Spec): unknown;
  /**
   * What this machine needs for such sources, as a line of `firedrill doctor` if a drill uses one. Absent if nothing is needed. Throws `tool-missing` with a
   * hint on how to install it.
   */
  check?(signal: AbortSignal): Promise<string>;
  open(spec: Spec, ctx: SourceContext): Promise<BackupSource>;
  /** Where else to look for backups with the same credentials. Throws only the signal's reason. Absent if there is no such place. */
  siblings?(spec: Spec, ctx: Pick<SourceContext, 'onRequest'>, signal: AbortSignal): Promise<SourceSiblings<Spec>>;
}

/** Lets the compiler infer the type, the keys and the spec. */
export function defineSource<Type extends string, Keys extends ZodRawShape, Spec extends { readonly type: Type }>(
  driver: SourceDriver<Type, Keys, Spec>,
): SourceDriver<Type, Keys, Spec> {
  return driver;
}
