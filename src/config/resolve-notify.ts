import { CHANNEL_KINDS, type ChannelSpec, findChannelKind, resolveChannel } from '../notify/channel-registry.ts';
import type { Reason, StandingState } from '../support/vocabulary.ts';
import { nearest } from './nearest.ts';
import type { NotifyFile } from './notify-schema.ts';
import { type Problem, problemsError } from './problem.ts';
import { asMapping, expandInto, type Raw, type ReadContext, readSecretInto } from './references.ts';

/** Who is notified, and how: resolved, including secrets. Kept in memory only. */
export interface NotifySettings {
  readonly channels: readonly ChannelSpec[];
  /** undefined: every channel receives everything. */
  readonly routes: readonly Route[] | undefined;
  readonly reminders: 'daily' | 'off';
  readonly digest: DigestSpec | undefined;
  /**
   * Missing variables and secret files, as in the shell of a user who only reads history. Commands that send notifications refuse to run (`requireNotify`);
   * all others continue. Channels that need them are omitted from `channels`.
   */
  readonly missing: readonly Problem[];
}

export interface Route {
  readonly to: readonly string[];
  /** Must match, like the filters below; undefined: any. */
  readonly tier: readonly number[] | undefined;
  readonly owner: readonly string[] | undefined;
  readonly status: readonly StandingState[] | undefined;
  readonly reason: readonly Reason[] | undefined;
}

export interface DigestSpec {
  readonly cron: string;
  /** IANA name. */
  readonly timezone: string;
  /** undefined: every channel that accepts digests. */
  readonly to: readonly string[] | undefined;
}

/** For commands that send notifications. @throws `config-missing-variable`, `config-missing-file`: secrets of channels that are missing. */
export function requireNotify(settings: NotifySettings): NotifySettings {
  if (settings.missing.length > 0) throw problemsError(settings.missing);
  return settings;
}

type Report = (path: readonly PropertyKey[], message: string) => void;

/** Texts with their variables replaced, and secrets, by the path of the key: `notify.channels.ops.url`. */
export type NotifyReferences = ReadonlyMap<string, string>;

/** Reads the variables and secrets that the raw settings refer to, so that missing ones are reported along with invalid values. */
export async function readNotifyReferences(settings: Raw, ctx: ReadContext): Promise<NotifyReferences> {
  const texts = new Map<string, string>();
  const channels = asMapping(asMapping(settings['notify'])?.['channels']) ?? {};
  for (const [name, value] of Object.entries(channels)) {
    const channel = asMapping(value);
    const path = ['notify', 'channels', name];
    const kind = channel && findChannelKind(channel['type']);
    if (!kind) continue;
    const { texts: textKeys = [], lists = [], secrets = [], secretWithVariable = [] } = kind.keys;
    for (const key of textKeys) expandInto(texts, channel, path, key, ctx);
    for (const key of secrets) await readSecretInto(texts, channel, path, key, ctx);
    for (const key of lists) {
      const items = channel[key];
      if (Array.isArray(items)) expandEach(texts, items, [...path, key], ctx);
    }
    for (const key of secretWithVariable)
      if (/\$\{/.test(String(channel[key]))) ctx.redactor.add(texts.get([...path, key].join('.')) ?? '');
  }
  return texts;
}

function expandEach(texts: Map<string, string>, items: unknown[], path: readonly string[], ctx: ReadContext): void {
  const byIndex = Object.fromEntries(items.entries()) as Raw;
  for (const index of Object.keys(byIndex)) expandInto(texts, byIndex, path, index, ctx);
}

/** Resolves `notify:` with its references; reports problems that the schema cannot find. */
export function resolveNotify(
  file: NotifyFile,
  references: NotifyReferences,
  env: Readonly<Record<string, string | undefined>>,
  report: Report,
): Omit<NotifySettings, 'missing'> {
  const channels = Object.entries(file.channels).flatMap(([name, channel]) => {
    const path = ['notify', 'channels', name];
    const read = (key: string) => references.get([...path, key].join('.'));
    const spec = resolveChannel(channel, { read, env, report: (key, message) => report([...path, ...key], message) });
    return spec ? [{ name, ...spec }] : [];
  });
  for (const [index, { to }] of (file.routes ?? []).entries())
    checkNames(to, file, ['notify', 'routes', index, 'to'], report);
  if (file.digest?.to) checkDigest(file.digest.to, file, report);
  return {
    channels,
    routes: file.routes?.map(({ to, tier, owner, status, reason }) => ({ to, tier, owner, status, reason })),
    reminders: file.reminders,
    digest: file.digest && { cron: file.digest.cron, timezone: file.digest.timezone, to: file.digest.to },
  };
}

function checkNames(names: readonly string[], file: NotifyFile, path: readonly PropertyKey[], report: Report): void {
  const known = Object.keys(file.channels);
  for (const [index, name] of names.entries()) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const advice = near === undefined ? '' : `; did you mean "${near}"?`;
    const all = known.length === 0 ? 'there are none' : `channels: ${known.join(', ')}`;
    report([...path, index], `${JSON.stringify(name)} is not a channel${advice} (${all})`);
  }
}

function checkDigest(names: readonly string[], file: NotifyFile, report: Report): void {
  const path = ['notify', 'digest', 'to'];
  checkNames(names, file, path, report);
  for (const [index, name] of names.entries()) {
    const channel = file.channels[name];
    if (!channel) continue;
    const { title, takesDigests } = CHANNEL_KINDS[channel.type];
    if (!takesDigests) report([...path, index], `${JSON.stringify(name)} is ${title}, which takes no digest`);
  }
}
