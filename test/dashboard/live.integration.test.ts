import { expect, it } from 'vitest';
import { FakeDashboard } from './fake-dashboard.ts';
import { servePages } from './serve-pages.ts';

/** Reads events of a stream one by one. */
async function* eventsOf(answer: Response): AsyncGenerator<string> {
  let text = '';
  for await (const chunk of answer.body ?? []) {
    text += new TextDecoder().decode(chunk as Uint8Array);
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    yield* parts;
  }
}

it('sends changes as they happen, progress once a second per run, and ends with the server', async () => {
  const dashboard = new FakeDashboard();
  const served = await servePages(dashboard);
  const answer = await fetch(`${served.url}/live`);
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const events = eventsOf(answer);
  const next = async () => (await events.next()).value;
  expect(await next()).toBe('event: hello\ndata: {}\nretry: 3000');
  dashboard.control.tell({ kind: 'stage', drill: 'orders', runId: 'run-1' });
  expect(await next()).toBe('event: change\ndata: {"drill":"orders","runId":"run-1","kind":"stage"}');
  const progressAt = (monotonicMs: number) => {
    dashboard.monotonicMs = monotonicMs;
    dashboard.control.tell({ kind: 'progress', drill: 'orders', runId: 'run-1' });
  };
  progressAt(0);
  expect(await next()).toContain('"kind":"progress"');
  progressAt(400);
  progressAt(999);
  dashboard.control.tell({ kind: 'check', drill: 'orders', runId: 'run-1' });
  expect(await next()).toContain('"kind":"check"');
  progressAt(1000);
  expect(await next()).toContain('"kind":"progress"');
  await served[Symbol.asyncDispose]();
  expect((await events.next()).done).toBe(true);
  expect(dashboard.control.listeners).toBe(0);
});

it('serves at most sixty clients, and frees the slot of one that leaves', async () => {
  const dashboard = new FakeDashboard();
  await using served = await servePages(dashboard);
  const leaving = new AbortController();
  const follow = async () => (await fetch(`${served.url}/live`, { signal: leaving.signal })).status;
  expect(new Set(await Promise.all(Array.from({ length: 60 }, follow)))).toEqual(new Set([200]));
  expect((await fetch(`${served.url}/live`)).status).toBe(503);
  leaving.abort();
  let status = 503;
  while (status === 503) {
    const again = await fetch(`${served.url}/live`);
    status = again.status;
    await again.body?.cancel();
  }
  expect(status).toBe(200);
});

it('leaves health, readiness and metrics open without sign-in', async () => {
  const dashboard = new FakeDashboard({ listen: { host: '0.0.0.0', port: 8377 } });
  await using served = await servePages(dashboard);
  const ask = async (path: string) => {
    const answer = await fetch(`${served.url}${path}`, { redirect: 'manual' });
    return [answer.status, answer.headers.get('content-security-policy')?.includes('script-src'), await answer.text()];
  };
  expect(await ask('/healthz')).toEqual([200, false, 'well\n']);
  expect(await ask('/readyz?x=1')).toEqual([200, false, '{"ready":true,"checks":[]}']);
  expect(await ask('/metrics')).toEqual([200, false, 'firedrill_up 1\n']);
  expect(await ask('/')).toEqual([303, true, '']);
  expect(await ask('/metrics/')).toEqual([303, true, '']);
});
