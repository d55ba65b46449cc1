import type { ZodRawShape } from 'zod';
import type { BackupSource } from './source.ts';

/** What a drill file says of a source, read and with its variables replaced. */
export interface SourceReading {
  /** A text or a secret by its key. undefined: not given, or missing, which has been reported. */
  text(key: string): string | undefined;
  flag(key: string): boolean | undefined;
  /** Whether the drill file has the key, whatever became of its value. */
  has(key: string): boolean;
  /** Absolute path of the drill file. */
  readonly drillFile: string;
  /** @param key `url`, or one of the driver's own. */
  report(key: string, message: string): void;
}

/** What holds for every source of a driver. Decisions rest on these, never on a driver's name. */
export interface SourceTraits {
  /** An object is there only when all of it is. A file grows while it is written. */
  readonly atomicObjects: boolean;
}

/**
 * One kind of place where backups are stored: how a drill file writes it, and how it is opened. What the {@link BackupSource} itself
 * MUST do stands there. A driver MUST:
 * - put no secret into what it reports, nor into {@link forRecord};
 * - load its libraries in {@link open} only: a drill file is read without them.
 */
export interface SourceDriver<Type extends string, Keys extends ZodRawShape, Spec extends { readonly type: Type }> {
  readonly type: Type;
  /** Without `://`. Empty: its URLs are paths. */
  readonly schemes: readonly string[];
  /** As it is called: `a directory`. */
  readonly title: string;
  /** What to write: `s3://BUCKET/PREFIX/`. */
  readonly example: string;
  /** Its optional keys, beside `source` or below it, described for the reference. */
  readonly keys: Keys;
  /** Those of its keys in which `${NAME}` is replaced. */
  readonly texts: readonly string[];
  /** Those of its keys that name a secret. */
  readonly secrets: readonly string[];
  readonly traits: SourceTraits;
  /** What to do instead of a URL with this scheme, which no driver knows. */
  adviseOnScheme?(scheme: string): string | undefined;
  /** @returns undefined when anything was reported. */
  parse(url: string, reading: SourceReading): Spec | undefined;
  /** For the definition that history keeps: the same for the same drill file on every machine. */
  forRecord(spec: Spec): unknown;
  open(spec: Spec): Promise<BackupSource>;
}

/** Lets the compiler infer the type, the keys and the spec. */
export function defineSource<Type extends string, Keys extends ZodRawShape, Spec extends { readonly type: Type }>(
  driver: SourceDriver<Type, Keys, Spec>,
): SourceDriver<Type, Keys, Spec> {
  return driver;
}
