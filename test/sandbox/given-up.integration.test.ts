import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Docker from 'dockerode';
import { describe, expect, it } from 'vitest';
import { answerDeadline, ask, type DockerEngine, send } from '../../src/sandbox/docker/engine.ts';
import { readEngineCapacity } from '../../src/sandbox/docker/engine-capacity.ts';
import { startTunnelExec } from '../../src/sandbox/docker/exec.ts';
import { sweepEngine } from '../../src/sandbox/docker/sweep-engine.ts';
import { watchContainer } from '../../src/sandbox/docker/watch-container.ts';
import { toLabels } from '../../src/sandbox/labels.ts';
import { currentOwner } from '../../src/support/owner.ts';

const expired = { runId: 'r', drill: 'd', owner: currentOwner(), leaseExpiresAt: new Date(0) };

/** An engine with fixed answers that leaves every other request open, like one that is stuck or about to remove a container. */
async function startStuckEngine(answers: Readonly<Record<string, object>> = {}) {
  const open = new Map<string, PromiseWithResolvers<void>>();
  const entry = (path: string) => {
    const known = open.get(path) ?? Promise.withResolvers<void>();
    open.set(path, known);
    return known;
  };
  const asked = new Map<string, () => void>();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = `${request.method} ${(request.url ?? '').replace(/\?.*/, '')}`;
    const answer = answers[path];
    if (answer) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      return;
    }
    request.socket.once('close', () => entry(path).resolve());
    asked.get(path)?.();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    docker: new Docker({ protocol: 'http', host: '127.0.0.1', port }),
    /** Resolves when the request arrives. */
    isAsked: (path: string) => new Promise<void>((resolve) => asked.set(path, resolve)),
    /** Resolves when the other side has closed the connection of that request. */
    isClosed: (path: string) => entry(path).promise,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('a canceled request to the engine', () => {
  it('is closed, so that it cannot keep the process alive', async () => {
    await using engine = await startStuckEngine();
    const controller = new AbortController();
    const isAsked = engine.isAsked('DELETE /containers/box');
    const asking = send((options) => engine.docker.getContainer('box').remove(options), controller.signal);
    const outcome = expect(asking).rejects.toThrow('enough');
    await isAsked;
    controller.abort(new Error('enough'));
    await outcome;
    await engine.isClosed('DELETE /containers/box');
  });

  it('is closed when it concerns a command in a sandbox that is being removed', async () => {
    await using engine = await startStuckEngine({ 'POST /containers/box/exec': { Id: 'e1' } });
    const over = new AbortController();
    const target = { container: engine.docker.getContainer('box'), exitOf: async () => 0, over: over.signal };
    const isAsked = engine.isAsked('POST /exec/e1/start');
    const outcome = expect(startTunnelExec(target, ['true'], '0')).rejects.toThrow('removed');
    await isAsked;
    over.abort(new Error('removed'));
    await outcome;
    await engine.isClosed('POST /exec/e1/start');
  });

  it('is closed when it would follow the events of a sandbox whose start was canceled', async () => {
    await using engine = await startStuckEngine();
    const controller = new AbortController();
    const isAsked = engine.isAsked('GET /events');
    const outcome = expect(
      watchContainer(engine.docker, { id: 'box', memoryBytes: 1 }, controller.signal),
    ).rejects.toThrow('enough');
    await isAsked;
    controller.abort(new Error('enough'));
    await outcome;
    await engine.isClosed('GET /events');
  });

  it.each([
    ['containers', {}, 'GET /containers/json'],
    ['volumes', { 'GET /containers/json': [] }, 'GET /volumes'],
    [
      'the removal of a container',
      { 'GET /containers/json': [{ Id: 'box', Labels: toLabels(expired, 'test') }] },
      'DELETE /containers/box',
    ],
    [
      'the removal of a volume',
      { 'GET /containers/json': [], 'GET /volumes': { Volumes: [{ Name: 'v', Labels: toLabels(expired, 'test') }] } },
      'DELETE /volumes/v',
    ],
  ])('is closed when it would sweep: %s', async (_what, answers, stuck) => {
    await using engine = await startStuckEngine(answers);
    const controller = new AbortController();
    const isAsked = engine.isAsked(stuck);
    const sweeping = sweepEngine({ docker: engine.docker } as DockerEngine, 'test', () => 'expired', controller.signal);
    const outcome = expect(sweeping).rejects.toThrow('enough');
    await isAsked;
    controller.abort(new Error('enough'));
    await outcome;
    await engine.isClosed(stuck);
  });

  it('is closed when it would read the capacity', async () => {
    await using engine = await startStuckEngine();
    const controller = new AbortController();
    const isAsked = engine.isAsked('GET /info');
    const asking = readEngineCapacity({ docker: engine.docker, isLocal: true } as DockerEngine, controller.signal);
    const outcome = expect(asking).rejects.toThrow('enough');
    await isAsked;
    controller.abort(new Error('enough'));
    await outcome;
    await engine.isClosed('GET /info');
  });

  it('is closed when it would watch the sandbox of a finished run again', async () => {
    await using engine = await startStuckEngine({ 'GET /events': {} }); // ends at once, as when an engine goes away
    const isAsked = engine.isAsked('GET /containers/box/json');
    const watch = await watchContainer(engine.docker, { id: 'box', memoryBytes: 1 }, new AbortController().signal);
    await isAsked;
    watch.stop();
    await engine.isClosed('GET /containers/box/json');
    expect(watch.gone.aborted).toBe(false);
  });
});

describe('an engine that accepts connections and does not respond', () => {
  it('is reported as unreachable, with the time waited', async () => {
    await using engine = await startStuckEngine();
    const asking = ask(
      (options) => engine.docker.getContainer('box').inspect(options),
      answerDeadline(20, 'asking for an exit code'),
      'asking for an exit code',
    );
    await expect(asking).rejects.toMatchObject({
      code: 'engine-unreachable',
      message: 'the Docker engine did not answer within 20 ms while asking for an exit code',
      hint: expect.stringMatching(/\.$/),
    });
  });
});
