import { expect, test } from 'vitest';
import { BAD_DAY_FAILED, recordBadDay } from './bad-day.ts';
import { FakeDashboard } from './fake-dashboard.ts';

async function readPage(dashboard: FakeDashboard): Promise<string> {
  const response = await dashboard.ask('/providers');
  expect(response.status).toBe(200);
  return response.text();
}

test('shows which store fails more often than usual, its requests with their ids, and the runs affected', async () => {
  const dashboard = await new FakeDashboard().fill();
  await recordBadDay(dashboard.store);
  const page = await readPage(dashboard);
  expect(page).toContain('One store fails more often than usual');
  expect(page).toContain('7B4A0FABBE59');
  expect(page).toContain('&lt;b&gt;Server Error');
  expect(page).toMatch(/href="\/runs\/20261121-050000-billin">billing<\/a>: failed, 60 errors met/);
});

test('says how many requests failed, and that it lists only the newest of many', async () => {
  const dashboard = await new FakeDashboard().fill();
  await recordBadDay(dashboard.store);
  const page = await readPage(dashboard);
  expect(page).toContain(`<span class="pill">${BAD_DAY_FAILED}</span>`);
  expect(page).toContain('Newest 50 of 60.');
});

test('says what to do while no request has been recorded', async () => {
  const page = await readPage(new FakeDashboard());
  expect(page).toContain('No requests to backup storage in 30 days');
});
