import { isIP } from 'node:net';
import type { Reason, StandingState } from '../support/words.ts';
import { asMapping, expandInto, type Raw, readSecretInto, type Surroundings } from './externals.ts';
import { isWebAddress } from './fields.ts';
import { nearest } from './nearest.ts';
import type { ChannelFile, NotifyFile } from './notify-schema.ts';
import { type Problem, problemsError } from './problem.ts';

/** Who is told, and how: as validated, secrets and all. It lives in memory only. */
export interface NotifySettings {
  readonly channels: readonly ChannelSpec[];
  /** undefined: every channel is told everything. */
  readonly routes: readonly Route[] | undefined;
  readonly reminders: 'daily' | 'off';
  readonly digest: DigestSpec | undefined;
  /**
   * Variables and files of secrets that are not here, as in the shell of somebody who looks at history: whoever tells people refuses to
   * (`requireNotify`), everybody else goes on. The channels that need them are left out of `channels`.
   */
  readonly missing: readonly Problem[];
}

export interface Route {
  readonly to: readonly string[];
  /** Each undefined: any. */
  readonly tier: readonly number[] | undefined;
  readonly owner: readonly string[] | undefined;
  readonly status: readonly StandingState[] | undefined;
  readonly reason: readonly Reason[] | undefined;
}

export interface DigestSpec {
  readonly cron: string;
  /** IANA name. */
  readonly timezone: string;
  /** undefined: every channel that takes digests. */
  readonly to: readonly string[] | undefined;
}

export type ChannelSpec = { readonly name: string } & (
  | { readonly type: 'slack'; readonly url: string }
  | EmailSpec
  | { readonly type: 'pagerduty'; readonly routingKey: string; readonly url: string }
  | { readonly type: 'webhook'; readonly url: string; readonly secret: string }
  | CommandSpec
);

export interface EmailSpec {
  readonly type: 'email';
  readonly host: string;
  readonly port: number;
  readonly tls: 'starttls' | 'implicit' | 'none';
  readonly login: { readonly user: string; readonly password: string } | undefined;
  readonly from: string;
  readonly to: readonly string[];
}

export interface CommandSpec {
  readonly type: 'command';
  readonly argv: readonly [string, ...string[]];
  /** What it gets of our environment; only what is set. */
  readonly env: Readonly<Record<string, string>>;
}

/** For whoever tells people. @throws `config-missing-variable`, `config-missing-file`: secrets of channels that are not here. */
export function requireNotify(settings: NotifySettings): NotifySettings {
  if (settings.missing.length > 0) throw problemsError(settings.missing);
  return settings;
}

type Report = (path: readonly PropertyKey[], message: string) => void;

/** Texts with their variables replaced, and secrets, by the path of their key: `notify.channels.ops.url`. */
export type NotifyExternals = ReadonlyMap<string, string>;

const SECRETS: Readonly<Record<string, readonly string[]>> = {
  slack: ['url'],
  email: ['password'],
  pagerduty: ['routingKey'],
  webhook: ['secret'],
};
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  email: ['host', 'user', 'from'],
  pagerduty: ['url'],
  webhook: ['url'],
};

/** Reads the variables and secrets that the raw settings name; what is missing is reported along with what is malformed. */
export async function readNotifyExternals(settings: Raw, around: Surroundings): Promise<NotifyExternals> {
  const texts = new Map<string, string>();
  const channels = asMapping(asMapping(settings['notify'])?.['channels']) ?? {};
  for (const [name, value] of Object.entries(channels)) {
    const channel = asMapping(value);
    const path = ['notify', 'channels', name];
    const type = String(channel?.['type']);
    if (!channel) continue;
    for (const key of TEXTS[type] ?? []) expandInto(texts, channel, path, key, around);
    for (const key of SECRETS[type] ?? []) await readSecretInto(texts, channel, path, key, around);
    const to: unknown = type === 'email' ? channel['to'] : undefined;
    if (Array.isArray(to)) expandEach(texts, to, [...path, 'to'], around);
    if (type === 'webhook' && /\$\{/.test(String(channel['url'])))
      around.redactor.add(texts.get([...path, 'url'].join('.')) ?? '');
  }
  return texts;
}

function expandEach(texts: Map<string, string>, items: unknown[], path: readonly string[], around: Surroundings): void {
  const byIndex = Object.fromEntries(items.entries()) as Raw;
  for (const index of Object.keys(byIndex)) expandInto(texts, byIndex, path, index, around);
}

/** What `notify:` says, with what was read for it; what is wrong beyond its form is reported. */
export function resolveNotify(
  file: NotifyFile,
  externals: NotifyExternals,
  env: Readonly<Record<string, string | undefined>>,
  report: Report,
): Omit<NotifySettings, 'missing'> {
  const channels = Object.entries(file.channels).flatMap(([name, channel]) => {
    const path = ['notify', 'channels', name];
    const read = (key: string) => externals.get([...path, key].join('.'));
    const spec = resolveChannel(channel, read, env, (key, message) => report([...path, ...key], message));
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
    report([...path, index], `${JSON.stringify(name)} is no channel${advice} (${all})`);
  }
}

function checkDigest(names: readonly string[], file: NotifyFile, report: Report): void {
  const path = ['notify', 'digest', 'to'];
  checkNames(names, file, path, report);
  for (const [index, name] of names.entries()) {
    if (file.channels[name]?.type === 'pagerduty')
      report([...path, index], `${JSON.stringify(name)} is PagerDuty, which takes incidents and no digest`);
  }
}

type Unnamed<Spec> = Spec extends unknown ? Omit<Spec, 'name'> : never;

/** @returns undefined where something is missing, which was reported where it was read, or is wrong. */
function resolveChannel(
  file: ChannelFile,
  read: (key: string) => string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  report: Report,
): Unnamed<ChannelSpec> | undefined {
  if (file.type === 'command') return resolveCommand(file, env);
  if (file.type === 'email') return resolveEmail(file, read, report);
  const url = checkUrl(read('url') ?? (file.type === 'pagerduty' ? file.url : undefined), file.type, report);
  if (file.type === 'slack') return url === undefined ? undefined : { type: 'slack', url };
  if (file.type === 'pagerduty') {
    const routingKey = read('routingKey');
    return url === undefined || routingKey === undefined ? undefined : { type: 'pagerduty', routingKey, url };
  }
  const secret = checkSigningSecret(read('secret'), report);
  return url === undefined || secret === undefined ? undefined : { type: 'webhook', url, secret };
}

/** The message never holds the URL: it may be the secret itself. */
function checkUrl(url: string | undefined, type: ChannelFile['type'], report: Report): string | undefined {
  if (url === undefined) return undefined;
  if (isWebAddress(url)) return url;
  const what = type === 'slack' ? 'the URL of an incoming webhook' : 'a URL';
  report(['url'], `must be ${what} that begins with https:// or http://; what was read is none`);
  return undefined;
}

/** As standardwebhooks.com wants secrets to be: 24 to 64 bytes in base64, behind a prefix. */
function checkSigningSecret(secret: string | undefined, report: Report): string | undefined {
  if (secret === undefined) return undefined;
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const length = encoded === undefined ? 0 : Buffer.from(encoded, 'base64').length;
  if (length >= 24 && length <= 64) return secret;
  const make = 'echo "whsec_$(openssl rand -base64 32)"';
  report(['secret'], `must be whsec_ and 24 to 64 bytes in base64; \`${make}\` makes one`);
  return undefined;
}

const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

function resolveEmail(
  file: Extract<ChannelFile, { type: 'email' }>,
  read: (key: string) => string | undefined,
  report: Report,
): EmailSpec | undefined {
  const [host, user, password, from] = ['host', 'user', 'password', 'from'].map(read);
  const to = file.to.map((_, index) => read(`to.${index}`));
  if ((file.user === undefined) !== (file.password === undefined))
    report([], 'has user or password alone; write both, or neither');
  for (const [key, address] of [['from', from] as const, ...to.map((one, index) => [index, one] as const)]) {
    const path = key === 'from' ? ['from'] : ['to', key];
    if (address !== undefined && !isMailAddress(address))
      report(path, `${JSON.stringify(address)} is no mail address; write one such as ops@example.com`);
  }
  if (host !== undefined && file.tls === 'none' && file.password !== undefined && !isLoopback(host))
    report(['tls'], 'none sends the password in clear text over the network; write starttls or implicit');
  const missesLogin = file.user !== undefined && (user === undefined || password === undefined);
  if (host === undefined || from === undefined || missesLogin) return undefined;
  return {
    type: 'email',
    host,
    port: file.port ?? PORTS[file.tls],
    tls: file.tls,
    login: user === undefined || password === undefined ? undefined : { user, password },
    from,
    to: to.filter((one) => one !== undefined),
  };
}

/** `ops@example.com`, or with a name before it in angle brackets; one only. */
function isMailAddress(text: string): boolean {
  const address = /^[^<>\r\n]*<([^<>]*)>$/.exec(text)?.[1] ?? text;
  return /^[^\s@<>(),;:"]+@[^\s@<>(),;:"]+$/.test(address.trim());
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

const ALWAYS_PASSED = ['PATH', 'HOME', 'LANG', 'TZ'];

function resolveCommand(
  { argv, env: names }: Extract<ChannelFile, { type: 'command' }>,
  env: Readonly<Record<string, string | undefined>>,
): CommandSpec | undefined {
  const [file, ...args] = argv;
  if (file === undefined) return undefined;
  const passed = [...ALWAYS_PASSED, ...names].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { type: 'command', argv: [file, ...args], env: Object.fromEntries(passed) };
}
