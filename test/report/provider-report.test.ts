import { expect, test } from 'vitest';
import { noRequests } from '../../src/record/request-store.ts';
import { readReport } from '../../src/report/read-report.ts';
import { renderReportMail } from '../../src/report/render/mail.ts';
import { renderMarkdown } from '../../src/report/render/markdown.ts';
import { renderHtml } from '../../src/report/render/render-html.ts';
import { hourOf, requestOf } from '../contracts/request-store-contract.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { failedRun } from '../support/run-records.ts';
import { DAY_MS, daysAgo, NOW, standingOfDrill } from './facts.ts';

const PERIOD = { from: daysAgo(30), to: new Date(NOW.getTime() + DAY_MS), zone: 'UTC' };
const made = { version: '1' };

/** A month of 1,000 requests a day, 60 of which failed in the last hour; one run encountered an error. */
async function storeOfBadDay() {
  const store = createMemoryStore();
  const at = new Date(NOW.getTime() - 3_600_000);
  const run = failedRun({ id: 'run-bad', drill: 'orders', startedAt: at, endedAt: NOW });
  await store.claim({ ...run, status: 'running', verdict: undefined, reasons: [], endedAt: undefined });
  await store.finish(run);
  await store.addRequests({
    hours: [
      ...Array.from({ length: 28 }, (_, day) =>
        hourOf({ hourAt: daysAgo(day + 1.5), counts: { ...noRequests(), answered: 1000 } }),
      ),
      hourOf({ hourAt: at, counts: { ...noRequests(), answered: 940, failed: 60 } }),
    ],
    requests: [requestOf({ at, outcome: 'failed', status: 500, drill: 'orders', runId: 'run-bad' })],
  });
  return store;
}

test('states in each format how stores answered, when they did not, and which backups were read meanwhile', async () => {
  await using store = await storeOfBadDay();
  const report = await readReport(store, [standingOfDrill()], { asOf: NOW, period: PERIOD });
  expect(report.providers).toMatchObject({
    operations: [
      {
        endpoint: 'https://objects.example.com',
        state: 'unusual',
        last24Hours: { requests: 1000, errors: 60 },
        last30Days: { requests: 29_000, errors: 60 },
      },
    ],
    unusualPeriods: [{ operation: 'GetObject', errors: 60 }],
    runs: [{ id: 'run-bad', verdict: 'failed', errors: 1 }],
  });
  const mail = renderReportMail(report, made);
  const html = String(renderHtml(report, made));
  for (const text of [renderMarkdown(report, made), html, mail.text, mail.html])
    expect(text).toContain('Backup storage fails more often than usual');
  for (const text of [renderMarkdown(report, made), html]) expect(text).toContain('60 of 29,000 (0.21 %)');
  expect(html).toContain('Backups read while requests were failing');
});

test('omits stores from a report on a past period or on some drills, and if no requests are recorded', async () => {
  await using store = await storeOfBadDay();
  const read = async (changes: object) =>
    (await readReport(store, [standingOfDrill()], { asOf: NOW, period: PERIOD, ...changes })).providers;
  expect(await read({ filter: { owner: 'payments' } })).toBeUndefined();
  expect(await read({ period: { from: daysAgo(90), to: daysAgo(60), zone: 'UTC' } })).toBeUndefined();
  await using empty = createMemoryStore();
  const none = await readReport(empty, [standingOfDrill()], { asOf: NOW, period: PERIOD });
  expect(none.providers).toBeUndefined();
  expect(String(renderHtml(none, made))).not.toContain('Backup storage');
});
