/** Where history is stored. */
export type StoreAddress = SqliteAddress | PostgresAddress;

export interface SqliteAddress {
  readonly kind: 'sqlite';
  /** Absolute. */
  readonly path: string;
}

export const TLS_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

export interface PostgresAddress {
  readonly kind: 'postgresql';
  /** Absolute path of the directory with the server's Unix socket. */
  readonly host: string;
  readonly port: number;
  /** undefined: `pg`'s default. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string;
  readonly schema: string;
  readonly tlsMode: TlsMode;
  /** Absolute paths of PEM files; undefined: the system's CAs, and no client certificate. */
  readonly rootCertFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

const DEFAULT_SCHEMA = 'firedrill';
const DEFAULT_PORT = 5432;
const PARAMETERS = ['host', 'schema', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'];

export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:/i.test(text);
}

/** @returns the scheme of a non-PostgreSQL URL, which would otherwise be treated as a file path. */
export function unknownScheme(text: string): string | undefined {
  return isPostgresUrl(text) ? undefined : /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0];
}

/**
 * Reads `postgres://user:password@host:port/database?sslmode=…&schema=…`, with the parameters of libpq (postgresql.org/docs/current/libpq-connect.html). TLS
 * is on and verified unless the server is on this machine or `sslmode` overrides it.
 * @param expand replaces variables in a part, so that a password may contain any character.
 * @param toPath makes a file path absolute.
 * @returns what is wrong, as a phrase without the URL, which may contain a password.
 */
export function parsePostgresUrl(
  text: string,
  { expand, toPath }: { readonly expand: (part: string) => string; readonly toPath: (path: string) => string },
): PostgresAddress | string {
  // A socket is given in a parameter; clients then omit the host, which URLs do not allow.
  const whole = text.replace(/^(\w+:\/\/(?:[^/?#]*@)?)(?=\/)/, '$1localhost');
  if (!URL.canParse(whole)) return /[/?#].*@/.test(afterScheme(whole)) ? SPECIAL : `must be a URL such as ${EXAMPLE}`;
  const url = new URL(whole);
  // The password ended early. The rest must not be shown.
  if (url.pathname.includes('@') || /^[^=&]*@/.test(url.search) || url.hash !== '') return SPECIAL;
  const part = (raw: string) => expand(decode(raw)) || undefined;
  const parameter = (name: string) => part(url.searchParams.get(name) ?? '');
  const unknown = [...url.searchParams.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) return `does not know the parameter ${unknown} (allowed: ${PARAMETERS.join(', ')})`;
  const host = parameter('host') ?? part(url.hostname.replace(/^\[|\]$/g, ''));
  const database = part(url.pathname.slice(1));
  if (host === undefined || database === undefined) return `must name a host and a database, as in ${EXAMPLE}`;
  const given = parameter('sslmode');
  const tlsMode = given === undefined ? defaultMode(host) : TLS_MODES.find((mode) => mode === given);
  if (tlsMode === undefined) return `must have one of ${TLS_MODES.join(', ')} as sslmode, not ${given}`;
  const file = (name: string) => {
    const path = parameter(name);
    return path === undefined ? undefined : toPath(path);
  };
  return {
    kind: 'postgresql',
    host,
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    user: part(url.username),
    password: part(url.password),
    database,
    schema: parameter('schema') ?? DEFAULT_SCHEMA,
    tlsMode,
    rootCertFile: file('sslrootcert'),
    certFile: file('sslcert'),
    keyFile: file('sslkey'),
  };
}

/** Human-readable, without the password. */
export function describeStore(address: StoreAddress): string {
  if (address.kind === 'sqlite') return address.path;
  const { host, port, user, database, schema } = address;
  const isSocket = host.startsWith('/');
  const where = isSocket ? '' : `${host.includes(':') ? `[${host}]` : host}${port === DEFAULT_PORT ? '' : `:${port}`}`;
  const parameters = [isSocket ? `host=${host}` : '', schema === DEFAULT_SCHEMA ? '' : `schema=${schema}`].filter(
    Boolean,
  );
  const query = parameters.length > 0 ? `?${parameters.join('&')}` : '';
  return `postgres://${user === undefined ? '' : `${user}@`}${where}/${database}${query}`;
}

const EXAMPLE = 'postgres://firedrill@db.example.com/firedrill';
const SPECIAL = 'must have /, ?, # and @ in a name or password written as %2F, %3F, %23 and %40';

function afterScheme(url: string): string {
  return url.replace(/^\w+:\/\//, '');
}

function defaultMode(host: string): TlsMode {
  return host.startsWith('/') || /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host) ? 'disable' : 'verify-full';
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone percent sign: taken as it is
  }
}
