import { expect } from 'vitest';
import type { Server } from '../../../src/engines/engine.ts';
import { requireSqlAccess } from '../../../src/verify/require-sql-access.ts';
import { INTEGRATION_TIMEOUT_MS } from '../../support/timeouts.ts';
import { never } from './backups.ts';
import { checksOn } from './check-restored.ts';

/**
 * Runs each kind of check that reads the catalog on the database of `backups.ts`. Comparing numbers with earlier runs
 * does not depend on the engine, so it is not tested here.
 */
export async function describeCatalogChecks(server: Server): Promise<void> {
  const run = checksOn(server, { database: 'shop', takenAt: new Date('2026-01-01T12:00:00Z') });
  expect(await run({ tables: ['*', 'totals', 'daily'], expectedEmpty: ['empty'] })).toMatchObject({
    passed: true,
    actual: '5 tables with rows, 1 that may be empty',
  });
  expect(await run({ tables: ['orders', 'gone', { table: 'log', minRows: 3 }, 'empty'] })).toMatchObject({
    passed: false,
    actual: 'gone is missing; log has 2 rows, at least 3 expected; empty is empty',
  });

  const rows = await run({ rows: '-10%..' });
  expect(rows).toMatchObject({
    passed: true,
    actual: 'learned 21,013 rows in 4 tables: there is no good run to compare with',
  });

  const size = await run({ size: '-10%..' });
  const bytes = Number(size?.measured?.['bytes']);
  expect(bytes).toBeGreaterThan(50_000);

  const taken = { within: '1h', ahead: '1s' };
  expect(await run({ freshness: 'orders.at', ...taken })).toMatchObject({ passed: false });
  expect(await run({ freshness: 'orders.d', within: '2d', ahead: '1d' })).toMatchObject({
    passed: true,
    actual: expect.stringMatching(/^2026-01-0[12].*; 1?[\d,]+ values more than .* ignored$/),
  });
  expect(await run({ freshness: 'empty.x', within: '1h', unit: 'seconds' })).toMatchObject({
    passed: false,
    actual: 'no value',
  });

  const schema = await run({ schema: 'locked' });
  expect(schema).toMatchObject({ passed: true, actual: expect.stringMatching(/^learned \d+ objects/) });
  expect(await run({ schema: 'locked' }, schema?.measured)).toMatchObject({
    passed: true,
    actual: expect.stringMatching(/none changed since run earlier$/),
  });
  await expectTimed(server);
}

/**
 * Runs the queries that `latency` makes. The check itself runs on 18.16, see `expect-shop.ts`: it runs its query at least
 * eight times, and here each run starts a process that loads half a gigabyte.
 */
async function expectTimed(server: Server): Promise<void> {
  const access = requireSqlAccess(server);
  await using session = await access.openCheckSession('shop', never);
  const options = { timeoutMs: INTEGRATION_TIMEOUT_MS, maxRows: 1000, signal: never };
  const { tookMs } = await session.query('SELECT count() FROM orders', options);
  expect(tookMs).toBeGreaterThan(0);
  const catalog = access.openCatalog((sql, maxRows) => session.query(sql, { ...options, maxRows }));
  expect((await catalog.explain('SELECT count() FROM orders')).join('\n')).toMatch(/count\(\)/);
}
