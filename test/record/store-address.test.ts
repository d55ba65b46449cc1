import { describe, expect, test } from 'vitest';
import { describeStore, type PostgresAddress, parsePostgresUrl } from '../../src/record/store-address.ts';

const HOST = 'postgres://firedrill@db.example.com/history';

const SPECIAL = 'must have /, ?, # and @ in a name or password written as %2F, %3F, %23 and %40';

function parse(text: string, variables: Readonly<Record<string, string>> = {}): PostgresAddress | string {
  return parsePostgresUrl(text, {
    expand: (part) => part.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => variables[name] ?? ''),
    toPath: (path) => `/etc/firedrill/${path}`,
  });
}

describe('the address of a PostgreSQL store', () => {
  test('has a schema of its own, the usual port, and verified TLS', () => {
    expect(parse(HOST)).toEqual({
      kind: 'postgresql',
      host: 'db.example.com',
      port: 5432,
      user: 'firedrill',
      password: undefined,
      database: 'history',
      schema: 'firedrill',
      tlsMode: 'verify-full',
      rootCertFile: undefined,
      certFile: undefined,
      keyFile: undefined,
    });
  });

  test.for([
    ['postgres://localhost/x', 'disable'],
    ['postgresql://127.0.0.1:5433/x', 'disable'],
    ['postgres://[::1]/x', 'disable'],
    ['postgres:///x?host=/run/postgresql', 'disable'],
    ['postgres://localhost.example.com/x', 'verify-full'],
    ['postgres://10.0.0.7/x', 'verify-full'],
    ['postgres://localhost/x?sslmode=verify-full', 'verify-full'],
    ['postgres://db/x?sslcert=/etc/bob@db.pem', 'verify-full'],
    ['postgres://bob:p@ss%2Fword@db/us%40ers', 'verify-full'],
    [`${HOST}?sslmode=require`, 'require'],
    [`${HOST}?sslmode=disable`, 'disable'],
  ])('%s has the TLS mode %s', ([text = '', mode]) => {
    expect(parse(text)).toMatchObject({ tlsMode: mode });
  });

  test('takes a password with any characters from a variable, and never shows it', () => {
    const address = parse('postgres://bob:${PW}@db.example.com:6432/x?schema=eu&sslrootcert=ca.pem', {
      PW: 'a@b/c:%d#?',
    });
    expect(address).toMatchObject({ password: 'a@b/c:%d#?', rootCertFile: '/etc/firedrill/ca.pem' });
    expect(describeStore(address as PostgresAddress)).toBe('postgres://bob@db.example.com:6432/x?schema=eu');
  });

  test('shows the directory of the socket', () => {
    const address = parse('postgres://bob@/x?host=/run/postgresql');
    expect(describeStore(address as PostgresAddress)).toBe('postgres://bob@/x?host=/run/postgresql');
  });

  test.for([
    ['postgres://', 'must name a host and a database, as in postgres://firedrill@db.example.com/firedrill'],
    ['postgres://a:b:c', 'must be a URL such as postgres://firedrill@db.example.com/firedrill'],
    [
      'postgres://db.example.com',
      'must name a host and a database, as in postgres://firedrill@db.example.com/firedrill',
    ],
    [`${HOST}?sslmode=prefer`, 'must have one of disable, require, verify-ca, verify-full as sslmode, not prefer'],
    [
      `${HOST}?pool=9`,
      'does not know the parameter pool (allowed: host, schema, sslmode, sslrootcert, sslcert, sslkey)',
    ],
    ['postgres://bob:12/cd@db.example.com/x', SPECIAL],
    ['postgres://bob:ab/cd@db.example.com/x', SPECIAL],
    ['postgres://bob:12?cd@db.example.com/x', SPECIAL],
    ['postgres://bob:12#cd@db.example.com/x', SPECIAL],
    ['postgres://bob:12/x#cd@db.example.com/x', SPECIAL],
  ])('%s is refused', ([text = '', message]) => {
    expect(parse(text)).toBe(message);
  });
});
