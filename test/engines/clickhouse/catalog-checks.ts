import { expect } from 'vitest';
import type { Server } from '../../../src/engines/engine.ts';
import { checksOn } from './check-restored.ts';

/** Each kind of check that reads the catalog, on the database of `backups.ts`. How numbers are compared with earlier runs does not depend on the engine. */
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
  expect(await run({ latency: 'SELECT count() FROM orders', runs: 5, p50: '1h' })).toMatchObject({ passed: true });
}
