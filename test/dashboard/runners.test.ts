import { expect, test } from 'vitest';
import { createMemoryStore } from '../support/memory-store.ts';
import { FakeDashboard } from './fake-dashboard.ts';
import { recordFleet } from './fleet-records.ts';

async function readPage(dashboard: FakeDashboard, path = '/runners'): Promise<string> {
  const response = await dashboard.ask(path);
  expect(response.status).toBe(200);
  return response.text();
}

test('shows each process with its runs and its limit, and pools without a runner', async () => {
  const dashboard = new FakeDashboard();
  await recordFleet(dashboard.store);
  const page = await readPage(dashboard);
  expect(page).toContain('<h1>One pool has no runner</h1>');
  expect(page).toContain('<strong>payments-runner-1.eu.example.com</strong>');
  expect(page).toContain('2 of 4');
  expect(page).toContain('on standby');
  expect(page).toContain('<a href="/runs/20261121-115200-aaaaaa">payments</a>');
  expect(page).toContain('no runner serves pool us-east; none ever has');
  expect(page).toMatch(/<a href="\/drills\/warehouse">warehouse<\/a> <span class="sub">queued/);
  expect(await readPage(dashboard, '/runners?part=runners')).toMatch(/^<div id="runners"/);
});

test('shows the container engines of each process, and since when one cannot be reached', async () => {
  const dashboard = new FakeDashboard();
  await recordFleet(dashboard.store);
  const page = await readPage(dashboard);
  expect(page).toMatch(
    /unix:\/\/\/var\/run\/docker\.sock<\/strong>.*> reachable<.*>2<.*12\.9 GB of 17\.2 GB.*4\.5 of 8/s,
  );
  expect(page).toMatch(/restore-box-2\.eu\.example\.com<\/strong>.*> not reachable<.*25 min ago/s);
});

test('says for how long the heartbeat of a process has been overdue', async () => {
  const dashboard = new FakeDashboard();
  await recordFleet(dashboard.store);
  dashboard.control.silences = new Map([['payments-runner-1.eu.example.com/boot/4711/1', 15_900]]);
  expect(await readPage(dashboard)).toContain('</span> silent for 15 s</span>');
});

test('is not in the navigation when only one machine has the store, and says why', async () => {
  const dashboard = new FakeDashboard({}, { ...createMemoryStore(), isShared: false });
  const page = await readPage(dashboard);
  expect(page).not.toContain('href="/runners"');
  expect(page).toContain('Drills run on this machine');
});

test('the API returns the same', async () => {
  const dashboard = new FakeDashboard();
  await recordFleet(dashboard.store);
  const response = await dashboard.ask('/api/v1/runners');
  expect(await response.json()).toMatchObject({
    processes: [
      { role: 'scheduler', host: 'sched-1', state: 'serving', sandboxes: 2, runs: [] },
      { role: 'scheduler', host: 'sched-2', state: 'standby' },
      {
        role: 'runner',
        host: 'payments-runner-1.eu.example.com',
        pid: 4711,
        pool: 'eu-payments',
        state: 'serving',
        engines: [
          { sandboxes: 2, freeCpus: 4.5 },
          { isReachable: false, unreachableSince: '2026-11-21T11:35:00.000Z' },
        ],
        runs: [{ id: '20261121-115200-aaaaaa', drill: 'payments' }, { drill: 'billing-ledger-with-a-long-name' }],
      },
      { state: 'draining', version: '0.0.9' },
      { state: 'lost' },
    ],
    pools: [
      { pool: 'eu-payments', isServed: true },
      { pool: 'us-east', isServed: false, queued: [{ drill: 'warehouse' }, { drill: 'analytics' }] },
    ],
  });
});
