import type { z } from 'zod';
import type { Channel, ChannelDeps } from './channel.ts';

/** What settings of a channel name outside themselves, read. Paths begin below the channel. */
export interface ChannelReading {
  /** A text with its variables replaced, or a secret, by its key: `url`, `to.0`. undefined: missing, which has been reported. */
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
  /** Texts that are redacted as well when a variable is part of them. */
  readonly secretWithVariable?: readonly string[];
}

/**
 * One type of channel: its settings, and how to make one. What a {@link Channel} itself MUST do stands there. A kind MUST put no
 * secret, and no URL that may be one, into what it reports.
 */
export interface ChannelKind<Type extends string, Schema extends z.ZodObject, Spec extends { readonly type: Type }> {
  /** `type` in the settings. */
  readonly type: Type;
  /** As people call it: `PagerDuty`. */
  readonly title: string;
  /** Its settings, `type` among them, described for the reference. */
  readonly schema: Schema;
  readonly keys: ChannelKeys;
  readonly takesDigests: boolean;
  readonly takesReports: boolean;
  /** @returns undefined where something is missing, which was reported where it was read, or wrong, which is reported here. */
  resolve(file: z.output<Schema>, reading: ChannelReading): Spec | undefined;
  /** Libraries are loaded when it first sends. */
  create(spec: Spec & { readonly name: string }, deps: ChannelDeps): Channel;
}

/** Lets the compiler infer the type, the schema and the spec. */
export function defineChannel<Type extends string, Schema extends z.ZodObject, Spec extends { readonly type: Type }>(
  kind: ChannelKind<Type, Schema, Spec>,
): ChannelKind<Type, Schema, Spec> {
  return kind;
}

/** Where a secret of a channel is written. */
export const SECRET_PLACE = '`${NAME}` or `{ file: PATH }`';
