import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import type { Store } from '../../src/record/store.ts';
import { type DigestHelper, startDigestHelper } from '../../src/report/digest-helper.ts';
import type { ReportRequest, ReportStanding } from '../../src/report/input.ts';
import { readReport } from '../../src/report/read-report.ts';
import { failedRun, passedRun } from '../support/run-records.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';
import { daysAgo, NOW, standingOfDrill } from './facts.ts';

const THREAD = new URL('../../src/report-worker.ts', import.meta.url);
const DRILLS = ['billing', 'gone', 'mail', 'orders', 'shop', 'users'];
const REQUEST: ReportRequest = { asOf: NOW, period: { from: daysAgo(30), to: NOW, zone: 'Europe/Berlin' } };
const STANDINGS = DRILLS.filter((name) => name !== 'gone').map((name) => standingOfDrill(name));

let directory: TemporaryDirectory;
let path: string;
let store: Store;
beforeAll(async () => {
  directory = makeTemporaryDirectory();
  path = join(directory.path, 'history.sqlite');
  store = await openSqliteStore(path);
  for (const [index, drill] of DRILLS.entries()) {
    for (let days = 70; days > 0; days -= 2) {
      const at = { startedAt: daysAgo(days), endedAt: new Date(daysAgo(days).getTime() + (index + 5) * 60_000) };
      const id = `${drill}-${days}`;
      const run = days % 14 === 0 ? failedRun({ id, drill, ...at }) : passedRun({ id, drill, ...at });
      await store.claim({ ...run, status: 'running', verdict: undefined });
      await store.finish(run);
    }
  }
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

function start(request = REQUEST, storePath = path, drills = DRILLS): DigestHelper {
  return startDigestHelper(THREAD, storePath, drills, request);
}

function drillsOf(standings: readonly ReportStanding[]) {
  return standings.map(({ drill }) => drill);
}

test('a report of two threads is the one of one thread, whoever digested which drill', async () => {
  const alone = await readReport(store, STANDINGS, REQUEST);
  expect(alone).toMatchObject({ runCount: 6 * 15, drillCount: 5 });
  for (const mine of [[], [1, 4], [0, 1, 2, 3, 4, 5]]) {
    await using helper = start();
    for (const index of mine) helper.claim(index);
    const unclaimed = await readWith(helper, mine);
    expect(unclaimed).toStrictEqual(alone);
  }
});

/** The caller does no drill but these, which it has claimed before. */
async function readWith(helper: DigestHelper, mine: readonly number[]) {
  helper.tell(drillsOf(STANDINGS));
  const claim = (index: number) => mine.includes(index);
  return readReport(store, STANDINGS, REQUEST, { ...helper, claim });
}

test('the thread does every drill that nobody claims, and none that somebody has', async () => {
  await using helper = start();
  expect([helper.claim(3), helper.claim(3)]).toStrictEqual([true, false]);
  helper.tell(drillsOf(STANDINGS));
  const { done, left } = await helper.finish();
  expect(done.map(({ drill }) => drill).sort()).toStrictEqual(['billing', 'gone', 'mail', 'shop', 'users']);
  expect(left).toStrictEqual([]);
});

test('the thread leaves out what the filter does not let through', async () => {
  const request = { ...REQUEST, filter: { owner: 'growth' } };
  const standings = STANDINGS.map((standing) => {
    const { drill } = standing;
    return { ...standing, drill: { ...drill, owner: drill.name === 'mail' ? 'growth' : drill.owner } };
  });
  await using helper = start(request);
  helper.tell(drillsOf(standings));
  const { done } = await helper.finish();
  // Whose a drill was that is gone, its runs say, and the caller looks at that.
  expect(done.map(({ drill }) => drill).sort()).toStrictEqual(['gone', 'mail']);
  const report = await readReport(store, standings, request, { ...helper, claim: () => false });
  expect(report).toMatchObject({ drillCount: 1, runCount: 15 });
});

test('a thread that fails leaves its drills to the caller, and the report is whole', async () => {
  await using helper = start(REQUEST, join(directory.path, 'nowhere.sqlite'));
  const { done, left } = await helper.finish();
  expect(done).toStrictEqual([]);
  expect(left).toStrictEqual(DRILLS);
  const report = await readReport(store, STANDINGS, REQUEST, { ...helper, claim: () => false });
  expect(report).toStrictEqual(await readReport(store, STANDINGS, REQUEST));
});
