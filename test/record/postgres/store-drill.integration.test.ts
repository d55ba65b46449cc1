import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openPostgresStore } from '../../../src/record/postgres/postgres-store.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres-server.ts';
import { passedRun, runningRun } from '../../support/run-records.ts';

/** The SQL of the drill that drills a backup of the store, against a real store: the drill itself needs a backup. */

let server: TestPostgres;
beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server[Symbol.asyncDispose]());

const { checks } = parse(readFileSync('drills/firedrill-store.yaml', 'utf8')) as {
  readonly checks: readonly { readonly name: string; readonly sql?: string }[];
};

/** The first value that each statement returns. */
async function answers(): Promise<readonly unknown[]> {
  const results: unknown[] = [];
  for (const { sql } of checks)
    if (sql !== undefined) results.push(Object.values((await server.query(sql))[0] ?? {})[0]);
  return results;
}

test('the checks for a backup of the store hold for a store, and notice what is missing in it', async () => {
  await using store = await openPostgresStore(server.address({ schema: 'firedrill' }));
  await store.claim(runningRun());
  await store.finish(passedRun());
  const [newest, unreported, triggers] = await answers();
  expect([newest, Number(unreported)]).toStrictEqual([runningRun().startedAt, 0]);
  expect(Number(triggers)).toBeGreaterThanOrEqual(20);

  await server.query('set session_replication_role = replica; delete from firedrill.run_fact');
  await server.query('alter table firedrill.run disable trigger all');
  const [, lost, fewer] = await answers();
  expect(Number(lost)).toBe(1);
  expect(Number(fewer)).toBeLessThan(Number(triggers));
});
