import type { z } from 'zod';
import type { Channel, ChannelDeps } from './channel.ts';
import type { ChannelKind, ChannelReading } from './channel-kind.ts';
import { command } from './channels/command/command.ts';
import { email } from './channels/email/email.ts';
import { pagerduty } from './channels/pagerduty/pagerduty.ts';
import { slack } from './channels/slack/slack.ts';
import { webhook } from './channels/webhook/webhook.ts';

/** Every type of channel, one line each, in the order of the reference. */
const KINDS = { slack, email, pagerduty, webhook, command };

type Kinds = typeof KINDS;
export type ChannelType = keyof Kinds;
type SchemaOf<T extends ChannelType> = Kinds[T]['schema'];
type BareSpec<T extends ChannelType> = NonNullable<ReturnType<Kinds[T]['resolve']>> & { readonly type: T };

/** Validated settings of a channel. */
export type ChannelFile<T extends ChannelType = ChannelType> = {
  [One in T]: z.output<SchemaOf<One>> & { type: One };
}[T];

/** A resolved channel with its secrets; kept in memory only. */
export type ChannelSpec<T extends ChannelType = ChannelType> = {
  [One in T]: BareSpec<One> & { readonly name: string };
}[T];

type Table = { readonly [T in ChannelType]: ChannelKind<T, SchemaOf<T>, BareSpec<T>> };

export const CHANNEL_KINDS: Table = KINDS;

export const CHANNEL_TYPES = Object.keys(KINDS) as [ChannelType, ...ChannelType[]];

type Schemas = [SchemaOf<ChannelType>, ...SchemaOf<ChannelType>[]];

export const CHANNEL_SCHEMAS = Object.values(KINDS).map(({ schema }) => schema) as Schemas;

export const DEFAULT_DEADLINES = {
  httpDeadlineMs: 10_000,
  smtpDeadlineMs: 10_000,
  commandDeadlineMs: 30_000,
  killGraceMs: 2_000,
} as const;

/** @param type as written in the settings; may be any value. */
export function findChannelKind(type: unknown): Table[ChannelType] | undefined {
  const known = CHANNEL_TYPES.find((one) => one === type);
  return known && CHANNEL_KINDS[known];
}

/** Resolves a channel from its settings and what was read for them. @returns undefined when something is missing or wrong; it has been reported. */
export function resolveChannel<T extends ChannelType>(
  file: ChannelFile<T>,
  reading: ChannelReading,
): BareSpec<T> | undefined {
  return CHANNEL_KINDS[file.type].resolve(file, reading);
}

/** One channel for each spec, in the same order. */
export function createChannels(specs: readonly ChannelSpec[], deps: ChannelDeps): readonly Channel[] {
  return specs.map((spec) => createChannel(spec, deps));
}

function createChannel<T extends ChannelType>(spec: ChannelSpec<T>, deps: ChannelDeps): Channel {
  return CHANNEL_KINDS[spec.type].create(spec, deps);
}
