import { execFileSync } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgresStore } from '../../../src/record/postgres/postgres-store.ts';
import type { PostgresAddress } from '../../../src/record/store-address.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres-server.ts';

let server: TestPostgres;
let remote: PostgresAddress;
let rootCertFile: string;
beforeAll(async () => {
  const port = await findPort();
  server = await startTestPostgres({ port, settings: ["listen_addresses = '127.0.0.1'"] });
  remote = server.address({ host: '127.0.0.1', port, tlsMode: 'verify-full' });
  rootCertFile = join(server.directory, 'server.crt');
});
afterAll(() => server[Symbol.asyncDispose]());

test('a server without TLS, with an unknown authority or with another name is refused', async () => {
  await expectFailure(remote, 'the server offers no TLS', 'sslmode=disable');
  await turnOn('DNS:db.example.com');
  await expectFailure(remote, 'the server’s certificate is not trusted', 'sslrootcert=FILE');
  await expectFailure({ ...remote, rootCertFile }, 'the certificate is for another host', 'verify-ca');
  await expectFailure({ ...remote, rootCertFile: '/nope.pem' }, '/nope.pem cannot be read (ENOENT)', 'sslrootcert');
  expect(await isEncrypted({ ...remote, rootCertFile, tlsMode: 'verify-ca' })).toBe(true);
  expect(await isEncrypted({ ...remote, tlsMode: 'require' })).toBe(true);
  await turnOn('IP:127.0.0.1');
  expect(await isEncrypted({ ...remote, rootCertFile })).toBe(true);
});

async function expectFailure(address: PostgresAddress, message: string, hint: string): Promise<void> {
  await expect(openPostgresStore(address)).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining(message),
    hint: expect.stringContaining(hint),
  });
}

async function isEncrypted(address: PostgresAddress): Promise<unknown> {
  await using _store = await openPostgresStore(address);
  const sessions = await server.query(
    "select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'firedrill'",
  );
  return sessions.length > 0 && sessions.every(({ ssl }) => ssl === true);
}

/** @param name in the certificate. */
async function turnOn(name: string): Promise<void> {
  const key = join(server.directory, 'server.key');
  const argv = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=firedrill-test', '-addext', `subjectAltName=${name}`];
  execFileSync('openssl', [...argv, ...subject, '-keyout', key, '-out', rootCertFile], { stdio: 'ignore' });
  const { uid, gid } = statSync(server.dataDirectory);
  for (const file of [key, rootCertFile]) chownSync(file, uid, gid);
  for (const setting of [`ssl_key_file = '${key}'`, `ssl_cert_file = '${rootCertFile}'`, 'ssl = on'])
    await server.query(`alter system set ${setting}`);
  await server.stop();
  await server.start();
}

async function findPort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return port;
}
