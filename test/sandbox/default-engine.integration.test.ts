import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngineFinder } from '../../src/sandbox/docker/default-engine.ts';
import { ensureImage } from '../../src/sandbox/docker/images.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';
import { never } from './docker-sandboxes.ts';

const IMAGE = 'registry.example.com/team/postgres:17';
const STEP = '{"status":"Downloading"}\r\n';

/** testcontainers finds the engine once for a process, so all tests share it. Answers what they ask as Docker does, and pulls as the test says. */
describe('the default Docker engine', () => {
  let directory: TemporaryDirectory;
  let server: Server;
  let pull: (response: ServerResponse) => void;

  beforeEach(async () => {
    directory ??= makeTemporaryDirectory();
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://engine');
      if (pathname.endsWith('/info')) response.end(JSON.stringify({ MemTotal: 8e9, NCPU: 4, ServerVersion: '28.1' }));
      else if (pathname.endsWith('/images/create')) pull(response);
      else if (pathname.includes('/networks/')) response.end('{"IPAM":{"Config":[{"Gateway":"127.0.0.1"}]}}');
      else response.writeHead(404).end('{"message":"no such image"}');
    });
    server.listen(join(directory.path, 'engine.sock'));
    await once(server, 'listening');
    vi.stubEnv('DOCKER_HOST', `unix://${join(directory.path, 'engine.sock')}`);
    vi.stubEnv('PATH', directory.path);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });

  afterAll(() => directory[Symbol.dispose]());

  const ensure = async (signal = never) => ensureImage(await createEngineFinder()(signal), IMAGE, signal);

  it('ends a pull whose connection breaks off', async () => {
    pull = (response) => response.write(STEP, () => response.destroy());
    await expect(ensure()).rejects.toMatchObject({ code: 'engine-unreachable' });
  });

  it('says why the registry refused a pull', async () => {
    pull = (response) => response.end(`${STEP}{"error":"manifest unknown"}\r\n`);
    await expect(ensure()).rejects.toMatchObject({
      code: 'image-missing',
      message: expect.stringContaining('manifest unknown'),
    });
  });

  it('closes the connection of a pull that is canceled', async () => {
    const stop = new AbortController();
    const closed = Promise.withResolvers<void>();
    pull = (response) => {
      response.once('close', closed.resolve);
      response.write(STEP, () => stop.abort(new Error('canceled')));
    };
    await expect(ensure(stop.signal)).rejects.toThrow('canceled');
    await closed.promise;
  });
});
