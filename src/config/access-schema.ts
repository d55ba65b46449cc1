import { isIP } from 'node:net';
import { z } from 'zod';
import { hashSecret } from '../support/access-token.ts';
import { parseDurationMs } from '../support/quantities.ts';
import { ROLES, type Role } from '../support/vocabulary.ts';
import { duration, mapping, name, oneOf, secret } from './fields.ts';

const HOUR_MS = 3_600_000;

const RANGE_HELP = 'must be an address or a range such as 127.0.0.1/32, 10.0.0.0/8 or ::1';

const addressRange = z
  .string({ error: RANGE_HELP })
  .refine((text) => parseRange(text) !== undefined, { error: RANGE_HELP });

/** `access:` in firedrill.yaml: who may view and use the pages of `firedrill serve`. */
export const accessSchema = mapping({
  loopback: oneOf(['open', 'sign-in'])
    .default('open')
    .describe(
      '`open`: when the dashboard listens on a loopback address and while no token has ever been added, everyone who can reach it (every user of this machine) has full access. `sign-in`: a token is always required. Other addresses always require one, and so do pages with a `publicUrl` elsewhere.',
    ),
  proxyHeader: z
    .string({ error: 'must be the name of a header such as X-Forwarded-User' })
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, { error: 'must be the name of a header such as X-Forwarded-User' })
    .optional()
    .describe(
      'The header in which an authenticating proxy passes the user’s name. Trusted only from the addresses in `proxyFrom`; the proxy must strip it from incoming requests.',
    ),
  proxyFrom: z
    .array(addressRange, { error: 'must be a list of addresses and ranges' })
    .default([])
    .describe('Addresses from which `proxyHeader` is trusted: `[127.0.0.1/32]`.'),
  proxyRole: oneOf(ROLES).default('viewer').describe('Role of users signed in by the proxy.'),
  proxyOperators: z
    .array(name('the name of a person'), { error: 'must be a list of names' })
    .default([])
    .describe('Users, as the proxy names them, who are `operator` whatever `proxyRole` says.'),
  badges: oneOf(['signed-in', 'public'])
    .default('signed-in')
    .describe(
      'Who may see `/badge/DRILL.svg`, which shows whether a drill proves recovery. `signed-in`: everyone who may see the pages; `public`: everyone who can reach this address.',
    ),
  badgeKey: secret()
    .optional()
    .describe(
      'A key that gives access to badges, and nothing else, in their URL: `/badge/orders.svg?key=KEY`. At least 16 characters, as `${NAME}` or `{ file: PATH }`.',
    ),
  idle: duration().default('12h').describe('A session ends after this long without a request.'),
  session: duration().default('7d').describe('A session ends after this long, used or not.'),
}).superRefine(({ proxyHeader, proxyFrom }, context) => {
  if (proxyHeader !== undefined && proxyFrom.length === 0)
    context.addIssue({
      code: 'custom',
      path: ['proxyFrom'],
      message: 'is missing: proxyHeader is trusted from listed addresses only',
    });
  if (proxyHeader === undefined && proxyFrom.length > 0)
    context.addIssue({ code: 'custom', path: ['proxyFrom'], message: 'has no effect without proxyHeader' });
});

export type AccessFile = z.output<typeof accessSchema>;

/** Who may view and use the pages. */
export interface AccessSettings {
  /** What applies at a loopback address until the first token is added. */
  readonly loopback: 'open' | 'sign-in';
  /** undefined: no proxy identifies users. */
  readonly proxy: ProxyIdentity | undefined;
  readonly badges: BadgeAccess;
  readonly idleMs: number;
  readonly sessionMs: number;
}

/** Who may see badges besides the users of the pages. */
export interface BadgeAccess {
  readonly isPublic: boolean;
  /** Computed by `hashSecret`; undefined: there is no badge key. */
  readonly keyHash: string | undefined;
}

export interface ProxyIdentity {
  readonly header: string;
  readonly from: readonly AddressRange[];
  readonly role: Role;
  readonly operators: readonly string[];
}

export interface AddressRange {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** `10.0.0.0/8`, `::1`. @returns undefined for anything else. */
export function parseRange(text: string): AddressRange | undefined {
  const [address = '', written, ...rest] = text.trim().split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined;
  const longest = version === 4 ? 32 : 128;
  if (written !== undefined && !/^\d{1,3}$/.test(written)) return undefined;
  const prefix = written === undefined ? longest : Number(written);
  return prefix <= longest ? { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' } : undefined;
}

/** Shorter keys could be guessed at a few thousand requests a second. */
const MIN_KEY = 16;

/**
 * The schema has already validated the texts.
 * @param badgeKey the key that was read; undefined: there is none.
 */
export function resolveAccess(
  file: AccessFile,
  badgeKey: string | undefined,
  report: (path: readonly PropertyKey[], message: string) => void,
): AccessSettings {
  if (badgeKey !== undefined && badgeKey.length < MIN_KEY)
    report(['access', 'badgeKey'], `is shorter than ${MIN_KEY} characters; make one with: openssl rand -hex 16`);
  return {
    loopback: file.loopback,
    proxy:
      file.proxyHeader === undefined
        ? undefined
        : {
            header: file.proxyHeader,
            from: file.proxyFrom.flatMap((text) => parseRange(text) ?? []),
            role: file.proxyRole,
            operators: file.proxyOperators,
          },
    badges: { isPublic: file.badges === 'public', keyHash: badgeKey === undefined ? undefined : hashSecret(badgeKey) },
    idleMs: parseDurationMs(file.idle) ?? 12 * HOUR_MS,
    sessionMs: parseDurationMs(file.session) ?? 168 * HOUR_MS,
  };
}
