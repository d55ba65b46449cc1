import { isIP } from 'node:net';
import { isWebAddress } from './fields.ts';
import type { ChannelFile } from './notify-schema.ts';

/** A way to reach people, as validated, with its secrets: it lives in memory only. */
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

type Report = (path: readonly PropertyKey[], message: string) => void;

type Unnamed<Spec> = Spec extends unknown ? Omit<Spec, 'name'> : never;

/** A channel by its settings and what was read for them. @returns undefined where something is missing, which was reported where it was read, or is wrong. */
export function resolveChannel(
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
export function isMailAddress(text: string): boolean {
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
