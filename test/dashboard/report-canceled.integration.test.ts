import { request } from 'node:http';
import { expect, it } from 'vitest';
import { FakeDashboard } from './fake-dashboard.ts';
import { servePages } from './serve-pages.ts';

it('a report in progress is abandoned when the client closes the connection', async () => {
  const begun = Promise.withResolvers<AbortSignal>();
  const aborted = Promise.withResolvers<void>();
  const reports = {
    renderTrend: async () => undefined,
    readOutlook: async () => ({ tallies: [], breach: undefined }),
    renderReport: () => Promise.reject(new Error('not asked for')),
    async exportReport(_query: unknown, _format: unknown, signal: AbortSignal): Promise<never> {
      signal.addEventListener('abort', () => aborted.resolve(), { once: true });
      begun.resolve(signal);
      await aborted.promise;
      throw signal.reason;
    },
  };
  const dashboard = new FakeDashboard({ reports });
  await using served = await servePages(dashboard);
  const asked = request(`${served.url}/report/report.html?period=30d`, { headers: { host: 'localhost:8377' } });
  asked.on('error', () => undefined).end(); // it is destroyed
  expect((await begun.promise).aborted).toBe(false);
  asked.destroy();
  await aborted.promise;
  expect(dashboard.errors).toEqual([]);
});
