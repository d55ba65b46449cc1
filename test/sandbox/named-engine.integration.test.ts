import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureImage } from '../../src/sandbox/docker/images.ts';
import { createNamedEngineFinder } from '../../src/sandbox/docker/named-engine.ts';
import { removeSandbox } from '../../src/sandbox/docker/remove-sandbox.ts';
import { watchContainer } from '../../src/sandbox/docker/watch-container.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';
import { never } from './docker-sandboxes.ts';

const IMAGE = 'registry.example.com/team/postgres:17';
const CONTAINER = '0123456789abcdef';

/** Answers the requests of these tests as Docker does; `pulled` is what it sends at the end of a pull, and in place of events. */
describe('a named Docker engine', () => {
  let directory: TemporaryDirectory;
  let server: Server;
  let uri: string;
  let asked: string[] = [];
  let pulled = '{"status":"Downloaded newer image"}';
  const file = (name: string) => join(directory.path, name);

  beforeEach(async () => {
    directory = makeTemporaryDirectory();
    asked = [];
    server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://engine');
      asked.push(`${request.method} ${pathname}`);
      const isPulled = asked.some((line) => line.endsWith('/images/create'));
      if (pathname === '/info') response.end(JSON.stringify({ MemTotal: 8e9, NCPU: 4, ServerVersion: '28.1' }));
      else if (pathname === '/images/create')
        response.end(`${JSON.stringify({ status: `Pulling from ${searchParams}` })}\r\n${pulled}\r\n`);
      else if (pathname === '/events') response.write(`${pulled}\n`);
      else if (isPulled && pathname.startsWith('/images/')) response.end('{"Id":"sha256:17"}');
      else response.writeHead(pathname.startsWith('/containers') ? 500 : 404).end('{"message":"no"}');
    });
    server.listen(file('engine.sock'));
    await once(server, 'listening');
    uri = `unix://${file('engine.sock')}`;
    vi.stubEnv('PATH', `${directory.path}:/bin`);
    vi.stubEnv('SSH_AUTH_SOCK', '/run/agent');
    vi.stubEnv('ORDERS_KEY', 's3cret');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
    directory[Symbol.dispose]();
  });

  /** A program that records its environment, and fails. */
  function program(name: string): void {
    writeFileSync(file(name), `#!/bin/sh\nprintenv > '${file('env')}'\necho 'says ${name}' >&2\nexit 1\n`);
    chmodSync(file(name), 0o755);
  }

  const findEngine = () => createNamedEngineFinder(uri)(never);

  it('gives ssh the agent of this user, and no secret of a drill', async () => {
    program('ssh');
    await expect(createNamedEngineFinder('ssh://drill@box2')(never)).rejects.toMatchObject({
      message: 'no Docker engine answers at ssh://drill@box2: says ssh',
      hint: expect.stringContaining('`docker --host ssh://drill@box2 info`'),
    });
    expect(readFileSync(file('env'), 'utf8')).toContain('SSH_AUTH_SOCK=/run/agent');
    expect(readFileSync(file('env'), 'utf8')).not.toContain('s3cret');
  });

  it('gives the docker client no secret of a drill, and says how to pull there manually', async () => {
    program('docker');
    await expect(ensureImage(await findEngine(), IMAGE, never)).rejects.toMatchObject({
      code: 'image-missing',
      message: expect.stringContaining('says docker'),
      hint: expect.stringContaining(`\`docker --host ${uri} pull ${IMAGE}\``),
    });
    expect(readFileSync(file('env'), 'utf8')).toContain('SSH_AUTH_SOCK=/run/agent');
    expect(readFileSync(file('env'), 'utf8')).not.toContain('s3cret');
  });

  it('pulls without a docker client', async () => {
    vi.stubEnv('PATH', directory.path);
    expect(existsSync(file('docker'))).toBe(false);
    expect(await ensureImage(await findEngine(), IMAGE, never)).toEqual({ name: IMAGE, id: 'sha256:17' });
    expect(asked).toContain('POST /images/create');
  });

  it('says why it cannot pull without a docker client', async () => {
    vi.stubEnv('PATH', directory.path);
    pulled = '{"errorDetail":{"message":"manifest unknown"},"error":"manifest unknown"}';
    await expect(ensureImage(await findEngine(), IMAGE, never)).rejects.toMatchObject({
      code: 'image-missing',
      message: expect.stringContaining('manifest unknown'),
    });
  });

  it('survives progress and events that are not JSON', async () => {
    vi.stubEnv('PATH', directory.path);
    pulled = '<html>502 Bad Gateway</html>';
    const engine = await findEngine();
    const said = { code: 'engine-unreachable', message: expect.stringContaining(pulled) };
    await expect(ensureImage(engine, IMAGE, never)).rejects.toMatchObject(said);
    const { gone } = await watchContainer(engine.docker, { id: CONTAINER, memoryBytes: 1 }, never);
    if (!gone.aborted) await once(gone, 'abort');
    expect(gone.reason).toMatchObject(said);
  });

  it('says how to remove manually what it could not remove', async () => {
    const engine = await findEngine();
    const container = engine.docker.getContainer(CONTAINER);
    const left = { engine, runId: 'run', container, hostDir: undefined, socketDir: undefined };
    await expect(removeSandbox(left)).rejects.toMatchObject({
      code: 'sandbox-leaked',
      hint: expect.stringMatching(new RegExp(`: docker --host ${uri} rm -f -v ${CONTAINER.slice(0, 12)}$`)),
    });
  });
});
