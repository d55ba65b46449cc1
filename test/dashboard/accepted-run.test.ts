import { expect, it } from 'vitest';
import { FakeDashboard } from './fake-dashboard.ts';
import { record, runAt } from './fake-drills.ts';

const CHECK = {
  name: 'no table loses rows',
  passed: false,
  expected: 'rows of each table within -10%..',
  actual: 'public.<b>orders</b> had 9 rows, and is gone (and 1 more)',
  durationMs: 4,
  details: ['public.<b>orders</b> had 9 rows, and is gone', 'public.payment had 20 rows, now 0 (-100%)'],
  measured: { rows: { 'public.payment': 0 } },
};

it('a run shows what a check found line by line, and who accepted it and why', async () => {
  const dashboard = new FakeDashboard();
  await record(dashboard.store, [runAt('shop', 1, 2, { id: 'run-shrunk', checks: [CHECK] })]);
  const at = new Date('2026-11-20T12:00:00Z');
  await dashboard.store.accept({
    runId: 'run-shrunk',
    at,
    by: 'alice',
    reason: 'moved to <archive>',
    recurring: false,
  });
  const page = await (await dashboard.ask('/runs/run-shrunk')).text();
  expect(page).toContain('<summary>2 lines</summary>');
  expect(page).toContain('<li>public.&lt;b&gt;orders&lt;/b&gt; had 9 rows, and is gone</li>');
  expect(page).toMatch(
    /by alice, <time datetime="2026-11-20T12:00:00.000Z"[^>]*>[^<]*<\/time>: moved to &lt;archive&gt;/,
  );
  const { measured: _numbers, ...shown } = CHECK;
  expect(await (await dashboard.ask('/api/v1/runs/run-shrunk')).json()).toMatchObject({
    checks: [shown],
    accepted: { at: at.toISOString(), by: 'alice', reason: 'moved to <archive>', recurring: false },
  });
});
