import { DrillError } from '../../support/errors.ts';
import { describeStore, type PostgresAddress } from '../store-address.ts';
import { NO_TURN } from './write-slots.ts';

/** SQLSTATE 53100, postgresql.org/docs/current/errcodes-appendix.html. */
const DISK_FULL = '53100';
const READ_ONLY = '25006';

interface Explanation {
  readonly what: string;
  readonly hint: string;
  /** Whether it may be transient. */
  readonly mayPass?: boolean;
}

const REACHABLE =
  'Check that the server runs and that this machine reaches it; `firedrill serve` goes on by itself once it answers.';

const OWN_CONNECTIONS =
  "See what they wait for: select pid, wait_event_type, query from pg_stat_activity where application_name = 'firedrill'.";

const LOST: Explanation = { what: 'the server does not answer', hint: REACHABLE, mayPass: true };

const NOT_TRUSTED = {
  what: 'the server’s certificate is not trusted',
  hint: 'Set `sslrootcert=FILE` in `store` to its CA certificate. `sslmode=require` encrypts without verifying the server.',
};

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  '28P01': { what: 'the password is wrong', hint: 'Set it in PGPASSWORD, in ~/.pgpass, or as a variable in `store`.' },
  '28000': { what: 'the server refuses this user', hint: 'Check the user in `store`, and pg_hba.conf of the server.' },
  '3D000': { what: 'there is no such database', hint: 'Create it, or correct `store` in the settings.' },
  [READ_ONLY]: {
    what: 'the server is read-only: a replica, or a primary that refuses writes',
    hint: 'Point `store` to the primary; on a primary, check default_transaction_read_only.',
  },
  '42501': {
    what: 'this user lacks a privilege',
    hint: 'Grant it the privileges of its role: docs/store.md lists them as SQL.',
  },
  '3F000': { what: 'its schema is gone', hint: 'Restore the database from a backup, or correct `store`.' },
  '42P01': { what: 'one of its tables is gone', hint: 'Restore the database from a backup, or correct `store`.' },
  '53300': {
    what: 'the server has no free connection',
    hint: 'Raise max_connections, or end sessions that are not needed; each Firedrill process uses up to 6.',
    mayPass: true,
  },
  '55P03': {
    what: 'locked by another process for too long',
    hint: "See who holds it: select pid, application_name, state, query from pg_stat_activity where state <> 'idle'.",
    mayPass: true,
  },
  [NO_TURN]: { what: 'other writes of this process are taking too long', hint: OWN_CONNECTIONS, mayPass: true },
  '57014': { what: 'a statement took too long', hint: 'Check the load on the server.', mayPass: true },
  ECONNREFUSED: LOST,
  ECONNRESET: LOST,
  EPIPE: LOST,
  ETIMEDOUT: LOST,
  EHOSTUNREACH: LOST,
  ENETUNREACH: LOST,
  EAI_AGAIN: LOST,
  ENOENT: LOST, // of a socket
  ENOTFOUND: { what: 'no such host', hint: 'Correct the host in `store`.' },
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_TRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: NOT_TRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_TRUSTED,
  CERT_HAS_EXPIRED: { what: 'the server’s certificate has expired', hint: 'Renew it on the server.' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: 'the certificate is for another host',
    hint: 'Use the name in the certificate, or `sslmode=verify-ca` where every host of that authority is trusted.',
  },
};

/** Errors of `pg` that have no code. */
const MESSAGES: readonly (readonly [RegExp, Explanation])[] = [
  [/^Connection terminated|^timeout expired|^Query read timeout|has been discarded|is not queryable/, LOST],
  [
    /^timeout exceeded when trying to connect/, // of the pool, for a connection to be given back
    {
      what: 'all connections of this process are in use',
      hint: OWN_CONNECTIONS,
      mayPass: true,
    },
  ],
  [
    /does not support SSL/,
    {
      what: 'the server offers no TLS',
      hint: 'Turn on `ssl` on the server; `sslmode=disable` in `store` sends history unencrypted.',
    },
  ],
];

/** @returns the error, converted to `store-failed` or `disk-full`; a DrillError is returned unchanged. */
export function asPostgresStoreError(thrown: unknown, address: PostgresAddress): DrillError {
  if (thrown instanceof DrillError) return thrown;
  const message = messageOf(thrown);
  const code = codeOf(thrown);
  const name = describeStore(address);
  if (code === DISK_FULL || /No space left on device/.test(message)) {
    return new DrillError('disk-full', `no space is left for the store ${name}`, {
      cause: thrown,
      mayPass: true,
      hint: 'Free up space on the disk of the database server.',
    });
  }
  const { what, hint, mayPass } = explain(code, message) ?? { what: undefined, hint: undefined, mayPass: false };
  return new DrillError('store-failed', `the store ${name}: ${what === undefined ? message : `${what} (${message})`}`, {
    cause: thrown,
    mayPass: mayPass ?? false,
    hint: hint ?? 'Check the log of the database server; `firedrill doctor` shows more.',
  });
}

/** Runs the work and converts its errors with {@link asPostgresStoreError}. */
export async function withStoreErrors<T>(address: PostgresAddress, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asPostgresStoreError(error, address);
  }
}

/** Writes to a read-only server, rejected before they begin. */
export function readOnlyError(address: PostgresAddress): DrillError {
  return asPostgresStoreError(Object.assign(new Error('transaction_read_only is on'), { code: READ_ONLY }), address);
}

/** Whether the connection was lost, possibly along with the answer. */
export function isConnectionLost(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return explain(code, messageOf(thrown)) === LOST;
}

function explain(code: string | undefined, message: string): Explanation | undefined {
  // Class 08: connection exceptions; 57P: shut down, crashed, starting up. 25P03: terminated because this process stalled for too long.
  if (code !== undefined && /^(08|57P|25P03)/.test(code)) return LOST;
  const known = code === undefined ? undefined : EXPLANATIONS[code];
  return known ?? MESSAGES.find(([pattern]) => pattern.test(message))?.[1];
}

function codeOf(thrown: unknown): string | undefined {
  const code = (firstOf(thrown) as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

function messageOf(thrown: unknown): string {
  const first = firstOf(thrown);
  return first instanceof Error ? first.message : String(first);
}

/** A connection attempt to several addresses fails with an error per address, and no message of its own. */
function firstOf(thrown: unknown): unknown {
  return thrown instanceof AggregateError ? thrown.errors[0] : thrown;
}
