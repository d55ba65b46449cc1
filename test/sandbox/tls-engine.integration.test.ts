import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createNamedEngineFinder } from '../../src/sandbox/docker/named-engine.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';
import { never } from './docker-sandboxes.ts';

/** Answers the first requests to an engine, and requires a certificate of its authority, like `dockerd --tlsverify`. */
describe('a Docker engine with TLS', () => {
  let directory: TemporaryDirectory;
  let server: Server;
  const file = (name: string) => join(directory.path, name);
  const engine = () => createNamedEngineFinder(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);

  beforeAll(async () => {
    directory = makeTemporaryDirectory();
    openssl('req', '-x509', '-subj', '/CN=authority', '-keyout', file('ca-key.pem'), '-out', file('ca.pem'));
    sign('server-key.pem', 'server.pem');
    sign('key.pem', 'cert.pem');
    const [ca, key, cert] = ['ca.pem', 'server-key.pem', 'server.pem'].map((name) => readFileSync(file(name)));
    server = createServer({ ca, key, cert, requestCert: true, rejectUnauthorized: true }, (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ MemTotal: 8e9, NCPU: 4, ServerVersion: '28.1' }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    vi.stubEnv('DOCKER_TLS_VERIFY', '1');
    vi.stubEnv('DOCKER_CERT_PATH', directory.path);
  });
  afterEach(() => server.closeAllConnections());
  afterAll(() => {
    vi.unstubAllEnvs();
    server.close();
    directory[Symbol.dispose]();
  });

  it('is used with the certificates of DOCKER_CERT_PATH', async () => {
    expect(await engine()(never)).toMatchObject({ version: '28.1', cpus: 4, isLocal: false });
  });

  it('is refused if another authority signed its certificate', async () => {
    openssl('req', '-x509', '-subj', '/CN=other', '-keyout', file('ca-key.pem'), '-out', file('ca.pem'));
    await expect(engine()(never)).rejects.toMatchObject({
      code: 'engine-unreachable',
      message: expect.stringMatching(/certificate|signature/),
    });
  });

  it('rejects clients without a certificate', async () => {
    for (const name of ['cert.pem', 'key.pem']) rmSync(file(name));
    await expect(engine()(never)).rejects.toMatchObject({ code: 'engine-unreachable' });
  });

  function sign(key: string, certificate: string): void {
    const authority = ['-CA', file('ca.pem'), '-CAkey', file('ca-key.pem')];
    const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    openssl('req', '-x509', ...authority, ...name, '-keyout', file(key), '-out', file(certificate));
  }
});

function openssl(...args: string[]): void {
  execFileSync('openssl', [...args, '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'], {
    stdio: 'ignore',
  });
}
