import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { Application } from '../../../../src/sandbox/sandbox.ts';
import { CHECK_KINDS, type CheckSpec } from '../../../../src/verify/registry.ts';
import { fakeContext, resultOf } from '../../fake-pool.ts';

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server[Symbol.asyncDispose]())));

/** Answers with these statuses in turn and then keeps the last. @returns its port. */
async function answering(...answers: readonly (readonly [status: number, body: string])[]): Promise<number> {
  const left = [...answers];
  const server = createServer((_request, response) => {
    const [status, body] = (left.length > 1 ? left.shift() : left[0]) ?? [500, ''];
    response.writeHead(status).end(body);
  });
  servers.push(server);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function run(port: number, changes: Partial<CheckSpec<'http'>> & Partial<Pick<Application, 'ended'>> = {}) {
  const { ended = new Promise<number>(() => undefined), ...more } = changes;
  let removed = 0;
  const application: Application = {
    provenance: { name: 'shop:1', id: 'sha256:1' },
    ended,
    lastLines: ['first', 'cannot read orders'],
    connect: async () => connect(port, '127.0.0.1'),
    [Symbol.asyncDispose]: async () => {
      removed += 1;
    },
  };
  const check: CheckSpec<'http'> = {
    ...{ kind: 'http', name: 'x', path: '/', image: 'shop:1', command: undefined, env: {}, port, access: 'write' },
    ...{ status: 200, expect: undefined, json: [], memoryBytes: 2 ** 29, cpus: 1, pids: 100, database: undefined },
    timeoutMs: 10_000,
    ...more,
  };
  const login = { host: '127.0.0.1', port: 5432, user: 'u', password: 'p', database: 'd' };
  const applications = { openLogin: async () => login, start: async () => application };
  const evaluation = CHECK_KINDS.http.run(
    check,
    fakeContext(async () => resultOf(), { applications }),
  );
  return { evaluation, removed: () => removed };
}

it('waits for an application that is not ready yet, and removes it afterwards', async () => {
  const { evaluation, removed } = run(await answering([503, ''], [200, 'ok']));
  expect(await evaluation).toMatchObject({ passed: true, details: ['application image shop:1 (sha256:1)'] });
  expect(removed()).toBe(1);
});

it('fails on another answer, and on an application that ends before it answers', async () => {
  expect(await run(await answering([500, ''])).evaluation).toMatchObject({ passed: false, actual: 'status 500' });
  expect(await run(1, { ended: Promise.resolve(1) }).evaluation).toMatchObject({
    passed: false,
    actual: 'the application ended with exit code 1 before it answered: first; cannot read orders',
  });
});

it('is malformed if the application never listens, has no such program, or was killed', async () => {
  for (const [changes, message] of [
    [{ timeoutMs: 700 }, /did not answer on port 1 within 700 ms: first; cannot read orders/],
    [{ ended: Promise.resolve(127) }, /has no such program/],
    [{ ended: Promise.resolve(137) }, /was killed .* limit of/],
  ] as const) {
    const { evaluation, removed } = run(1, changes);
    await expect(evaluation).rejects.toMatchObject({
      code: 'check-malformed',
      message: expect.stringMatching(message),
    });
    expect(removed()).toBe(1);
  }
});

it('fails when the application answers but is never ready', async () => {
  const { evaluation } = run(await answering([503, '']), { timeoutMs: 700 });
  expect(await evaluation).toMatchObject({ passed: false, actual: 'status 503' });
});

it('rejects an answer that is too long', async () => {
  await expect(run(await answering([200, 'x'.repeat(2 ** 20 + 1)])).evaluation).rejects.toMatchObject({
    code: 'check-malformed',
    message: expect.stringContaining('the answer has more than'),
  });
});
