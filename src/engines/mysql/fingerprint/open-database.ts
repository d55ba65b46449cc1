import { readFile } from 'node:fs/promises';
import mysql from 'mysql2';
import { DrillError } from '../../../support/errors.ts';
import { databaseFailed } from '../../database-failed.ts';
import type { Ask, DatabaseAddress, SourceDatabase } from '../../fingerprint.ts';
import type { Flavor } from '../flavor.ts';
import { type Session, startSession } from '../server/connect.ts';
import { mysqlHasher } from './mysql-hasher.ts';

/**
 * Opens read-only sessions on a running database, all on one consistent snapshot. More than one session requires a brief global read lock.
 * @throws DrillError `database-failed`, `usage` for what this product cannot do, or the signal's reason.
 */
export async function openDatabase(
  flavor: Flavor,
  address: DatabaseAddress,
  signal: AbortSignal,
): Promise<SourceDatabase> {
  if (address.snapshot !== undefined) {
    throw new DrillError('usage', `${flavor.title} has no snapshots that another session can join`, {
      hint: 'Leave --snapshot out, and take dump and fingerprint under one read lock; docs/fingerprints.md has the lines.',
    });
  }
  await using opened = new AsyncDisposableStack();
  const where = describe(address.url);
  const guarded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw signal.aborted ? signal.reason : databaseFailed(where, error, hintFor(error));
    }
  };
  const open = async (): Promise<Session> => {
    const session = await guarded(connect(address, signal));
    opened.defer(() => session.close());
    for (const statement of SETTINGS) await guarded(session.execute(statement));
    return session;
  };
  const sessions = [await open()];
  while (sessions.length < address.sessions) sessions.push(await open());
  const [first] = sessions;
  const lock = sessions.length > 1 ? await open() : undefined;
  if (lock) await guarded(lock.execute('FLUSH TABLES WITH READ LOCK'));
  for (const session of sessions) await guarded(session.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT'));
  if (lock) await guarded(lock.execute('UNLOCK TABLES'));
  const [row] = first ? await guarded(first.ask('SELECT DATABASE(), VERSION()')) : [];
  const [database, version] = row ?? [];
  if (database == null) {
    throw new DrillError('usage', 'the URL names no database', {
      hint: 'Write it at the end: `mysql://user@host/shop`.',
    });
  }
  refuseOtherProduct(flavor, version ?? '');
  const all = opened.move();
  return {
    database,
    serverVersion: version?.split('-')[0] ?? '',
    hasher: mysqlHasher(flavor.type),
    sessions: sessions.map(
      (session): Ask =>
        async (sql) => ({
          columns: [],
          rows: await guarded(session.ask(sql)),
          truncated: false,
        }),
    ),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Makes values read as they do in the check session of the restored copy, and lets no setting end a long query or cut its result. */
const SETTINGS = [
  "SET SESSION time_zone = '+00:00', sql_mode = '', sql_select_limit = DEFAULT, net_write_timeout = 3600, wait_timeout = 86400",
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  'SET SESSION TRANSACTION READ ONLY',
];

/** @throws what the driver throws. */
export async function connect(
  { url, password }: Pick<DatabaseAddress, 'url' | 'password'>,
  signal: AbortSignal,
): Promise<Session> {
  signal.throwIfAborted();
  const socketPath = url.searchParams.get('socket');
  const ssl = await readSsl(url);
  const client = mysql.createConnection({
    ...(socketPath === null ? { host: url.hostname || 'localhost', port: Number(url.port || 3306) } : { socketPath }),
    user: decodeURIComponent(url.username),
    password: password ?? decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    charset: 'utf8mb4',
    flags: ['-IGNORE_SPACE', '-LOCAL_FILES', '-ODBC', '-FOUND_ROWS', '-SESSION_TRACK', '-CLIENT_QUERY_ATTRIBUTES'],
    disableEval: true,
    connectTimeout: 30_000,
    ...(ssl === undefined ? {} : { ssl }),
  });
  return await startSession(client, signal);
}

/** `?ssl-mode=` as in the client programs: DISABLED, PREFERRED (treated as DISABLED here), REQUIRED, VERIFY_CA, VERIFY_IDENTITY; `?ssl-ca=FILE`. */
async function readSsl({ searchParams }: URL): Promise<mysql.SslOptions | undefined> {
  const mode = (searchParams.get('ssl-mode') ?? '').toUpperCase();
  const file = searchParams.get('ssl-ca');
  if (file === null && !/^(?:REQUIRED|VERIFY_CA|VERIFY_IDENTITY)$/.test(mode)) return undefined;
  return {
    rejectUnauthorized: mode !== 'REQUIRED',
    verifyIdentity: mode === 'VERIFY_IDENTITY',
    ...(file === null ? {} : { ca: await readFile(file) }),
  };
}

function refuseOtherProduct({ type, title }: Flavor, version: string): void {
  if (/mariadb/i.test(version) === (type === 'mariadb')) return;
  throw new DrillError('usage', `the server is ${version}, and the drill restores ${title}`, {
    hint: 'Use the drill of this database, or the URL of the database that the drill restores.',
  });
}

function hintFor(error: unknown): string | undefined {
  const { errno } = error as { errno?: number };
  if (errno === 1227) return 'A read lock needs the right RELOAD: grant it, or use --jobs 1.';
  return errno === 1142 || errno === 1044 ? 'The account needs SELECT on every table of the database.' : undefined;
}

/** Omits the password. */
function describe({ hostname, port, pathname, searchParams }: URL): string {
  const host = searchParams.get('socket') ?? `${hostname}${port === '' ? '' : `:${port}`}`;
  return `${decodeURIComponent(pathname.slice(1)) || 'the server'} on ${host}`;
}
