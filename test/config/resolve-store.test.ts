import { expect, test } from 'vitest';
import { resolveStore, resolveStoreVariable } from '../../src/config/resolve-store.ts';
import { Redactor } from '../../src/support/redact.ts';

const PW = 'a@b/c:%d#?';

function resolve(text: string, env: Record<string, string> = { PW, BOB: 'bob' }) {
  return resolveStore(text, { env, redactor: new Redactor(), base: '/etc/firedrill' });
}

test.for([
  'postgres://bob:secret@db/x',
  'postgres://bob:${PW:-secret}@db/x',
  'postgres://${BOB}:secret@db/x',
  'postgres://bob:se@cret@db/x',
])('the password in %s is refused', (text) => {
  expect(resolve(text)).toEqual({
    code: 'config-invalid',
    message: 'must not hold a password; write it as ${NAME}, or set PGPASSWORD',
  });
});

test.for([
  ['postgres://db.example.com:6432/x', { host: 'db.example.com', port: 6432, user: undefined }],
  ['postgres://[::1]:6432/x', { host: '::1', port: 6432 }],
  ['postgres://bob@db:6432/x', { host: 'db', port: 6432, user: 'bob', password: undefined }],
  ['postgres://${BOB}:${PW}@db/x', { user: 'bob', password: PW }],
  ['Postgres://bob:${PW}@db/x', { kind: 'postgresql', password: PW }],
  ['data/h.db', { kind: 'sqlite', path: '/etc/firedrill/data/h.db' }],
] as const)('%s is accepted', ([text, address]) => {
  expect(resolve(text)).toMatchObject(address);
});

test('a URL of another kind is refused, not mistaken for a file path', () => {
  const message = 'must be the path of a file or a postgres:// URL, not postgress://';
  const context = { redactor: new Redactor(), base: '/' };
  expect(resolveStoreVariable('postgress://bob:hunter2@db/x', context)).toEqual({ code: 'config-invalid', message });
  expect(resolve('${URL}', { URL: 'postgress://bob:hunter2@db/x' })).toEqual({ code: 'config-invalid', message });
});

test('a variable that is not set is named', () => {
  expect(resolve('postgres://bob:${PW}@db/x', {})).toEqual({
    code: 'config-missing-variable',
    message: 'the variable PW is not set',
  });
});

test('the password is never shown', () => {
  const redactor = new Redactor();
  resolveStore('postgres://bob:${PW}@db/x', { env: { PW: 'hunter2' }, redactor, base: '/' });
  expect(redactor.redact('it is hunter2')).toBe('it is ***');
});
