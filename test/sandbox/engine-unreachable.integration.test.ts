import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explainUnreachable } from '../../src/sandbox/docker/engine-errors.ts';

describe('an engine that does not respond', () => {
  it('is explained by the missing socket, with how to start it', async () => {
    const error = await explainUnreachable('unix:///nowhere/docker.sock', new Error('none'));
    expect(error.message).toBe(
      'no Docker engine answers at unix:///nowhere/docker.sock: connect ENOENT /nowhere/docker.sock',
    );
    expect(error.hint).toContain('DOCKER_HOST');
  });

  it('is explained by an invalid address', async () => {
    expect((await explainUnreachable('nonsense', undefined)).message).toContain('that is not an address');
  });

  it('is distinguished from something else that listens there', async () => {
    const path = join(tmpdir(), `not-docker-${process.pid}.sock`);
    const server = createServer((socket) => socket.destroy()).listen(path);
    const error = await explainUnreachable(`unix://${path}`, undefined);
    server.close();
    expect(error.message).toContain('does not speak the Docker API');
  });
});
