import { expect, it } from 'vitest';
import { Trends } from '../../src/dashboard/trends.ts';
import { readStandings } from '../../src/status/read-standings.ts';
import { html } from '../../src/support/html.ts';
import { FakeDashboard } from './fake-dashboard.ts';
import { record, runAt } from './fake-drills.ts';

async function makeTrends(fails: ReadonlySet<string> = new Set()) {
  const dashboard = await new FakeDashboard().fill();
  const made: string[] = [];
  const errors: unknown[] = [];
  const clock = { now: () => dashboard.now, monotonicMs: () => 0 };
  const waiters: { readonly count: number; readonly resolve: () => void }[] = [];
  const renderTrend = async (drill: string) => {
    made.push(drill);
    for (const { count, resolve } of waiters) if (made.length >= count) resolve();
    if (fails.has(drill)) throw new Error(`no trend of ${drill}`);
    return html`<p>${drill}</p>`;
  };
  const trends = new Trends({ reports: { renderTrend }, clock, onError: (error) => errors.push(error) });
  const standings = async () => (await readStandings(dashboard.store, dashboard.drills, dashboard.now)).drills;
  /** Resolves once this many have been started. */
  const reaches = (count: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiters.push({ count, resolve });
    return promise;
  };
  return { dashboard, made, errors, trends, standings, reaches };
}

it('builds the trend of a drill once, until one of its runs ends or the day is over', async () => {
  const { dashboard, made, trends, standings } = await makeTrends();
  const shop = async () => (await standings()).find(({ drill }) => drill.name === 'shop');
  const first = await trends.of('shop', await shop());
  expect(String(first)).toBe('<p>shop</p>');
  expect(await trends.of('shop', await shop())).toBe(first);
  await record(dashboard.store, [runAt('orders', 0.01, 3, { id: 'run-of-another' })]);
  await trends.of('shop', await shop());
  expect(made).toEqual(['shop']);

  await record(dashboard.store, [runAt('shop', 0.01, 3, { id: 'run-new' })]);
  await trends.of('shop', await shop());
  expect(made).toEqual(['shop', 'shop']);
  dashboard.now = new Date(dashboard.now.getTime() + 86_400_000);
  await trends.of('shop', await shop());
  expect(made).toEqual(['shop', 'shop', 'shop']);
});

it('builds missing trends in advance, one by one, even if one fails', async () => {
  const { made, errors, trends, standings, reaches } = await makeTrends(new Set(['orders']));
  const known = await standings();
  const all = reaches(known.length);
  trends.prepare(known);
  trends.prepare(known);
  await all;
  await trends.settled();
  expect(made).toEqual(known.map(({ drill }) => drill.name));
  expect(errors.map(String)).toEqual(['Error: no trend of orders']);

  trends.prepare(await standings());
  await trends.settled();
  expect(made.slice(known.length)).toEqual(['orders']);
});

it('builds no more trends once closed', async () => {
  const { made, errors, trends, standings, reaches } = await makeTrends();
  const first = reaches(1);
  trends.prepare(await standings());
  await first;
  trends.close();
  await trends.settled();
  expect(made).toHaveLength(1);
  expect(errors).toEqual([]);
});
