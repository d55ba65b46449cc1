import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import Docker from 'dockerode';
import { describe, expect, it } from 'vitest';
import type { DockerEngine } from '../../src/sandbox/docker/engine.ts';
import { readEngineCapacity } from '../../src/sandbox/docker/engine-capacity.ts';
import { readFreeDiskBytes } from '../../src/sandbox/free-disk.ts';
import { limitedMemory } from '../../src/sandbox/local/host-capacity.ts';

const never = new AbortController().signal;

describe('the capacity of a Docker engine', () => {
  const info = { MemTotal: 2 ** 33, NCPU: 4, Name: hostname(), DockerRootDir: tmpdir() };

  it('includes the free disk space of its data directory when that is on this machine', async () => {
    const capacity = await capacityOf(info, true);
    expect(capacity).toEqual({ memoryBytes: 2 ** 33, cpus: 4, freeDiskBytes: expect.any(Number) });
  });

  it.each([
    ['it is reached over the network', info, false],
    [
      'its host name differs: Firedrill is in a container, or the engine in a virtual machine',
      { ...info, Name: 'other' },
      true,
    ],
    ['its directory does not exist', { ...info, DockerRootDir: '/nowhere/docker' }, true],
    ['it does not report its directory', { MemTotal: 2 ** 33, NCPU: 4 }, true],
  ])('leaves the disk unknown when %s', async (_why, says, isLocal) => {
    expect(await capacityOf(says, isLocal)).toEqual({ memoryBytes: 2 ** 33, cpus: 4, freeDiskBytes: undefined });
  });

  async function capacityOf(answer: object, isLocal: boolean) {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const docker = new Docker({ protocol: 'http', host: '127.0.0.1', port });
    try {
      return await readEngineCapacity({ docker, isLocal } as DockerEngine, never);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }
});

describe('the capacity of this host', () => {
  it.each([
    ['no limit is known', 0, 1000],
    ['a limit is set', 400, 400],
    ['the limit exceeds the installed memory', 2 ** 63, 1000],
  ])('is the available memory when %s, never more', (_when, constrained, expected) => {
    expect(limitedMemory(1000, constrained)).toBe(expected);
  });

  it('is unknown for a missing directory', async () => {
    expect(await readFreeDiskBytes('/nowhere/at/all')).toBeUndefined();
  });
});
