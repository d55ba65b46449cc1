import type { z } from 'zod';
import type { Channel, ChannelDeps } from './channel.ts';

/** The variables and secrets that a channel's settings refer to, already read. Paths are relative to the channel. */
export interface ChannelReading {
  /** A text with its variables replaced, or a secret, by its key: `url`, `to.0`. undefined: missing, and already reported. */
  read(key: string): string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  report(path: readonly PropertyKey[], message: string): void;
}

/** Which keys of a channel's settings are read before they are validated. */
export interface ChannelKeys {
  /** `${NAME}` is replaced. */
  readonly texts?: readonly string[];
  /** Lists of such texts. */
  readonly lists?: readonly string[];
  /** `${NAME}` or `{ file: PATH }`; redacted everywhere. */
  readonly secrets?: readonly string[];
  /** Texts that are also redacted when they contain a variable. */
  readonly secretWithVariable?: readonly string[];
}

/**
 * One type of channel: its settings, and how to create one. {@link Channel} lists what a channel itself MUST do. A kind MUST NOT include a secret, or a URL
 * that may be one, in what it reports.
 */
export interface ChannelKind<Type extends string, Schema extends z.ZodObject, Spec extends { readonly type: Type }> {
  /** `type` in the settings. */
  readonly type: Type;
  /** The product's name: `PagerDuty`. */
  readonly title: string;
  /** Its settings, including `type`, with descriptions for the reference. */
  readonly schema: Schema;
  readonly keys: ChannelKeys;
  /** Its keys in new settings, as `firedrill init` writes them: secrets are variables. */
  readonly starter: Readonly<Record<string, unknown>>;
  readonly takesDigests: boolean;
  readonly takesReports: boolean;
  /** @returns undefined when something is missing (reported when it was read) or wrong (reported here). */
  resolve(file: z.output<Schema>, reading: ChannelReading): Spec | undefined;
  /** Libraries are loaded on the first send. */
  create(spec: Spec & { readonly name: string }, deps: ChannelDeps): Channel;
}

/** Lets the compiler infer the type, the schema and the spec. */
export function defineChannel<Type extends string, Schema extends z.ZodObject, Spec extends { readonly type: Type }>(
  kind: ChannelKind<Type, Schema, Spec>,
): ChannelKind<Type, Schema, Spec> {
  return kind;
}

/** How a channel's secret is written in the settings. */
export const SECRET_PLACE = '`${NAME}` or `{ file: PATH }`';
