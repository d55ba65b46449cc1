import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Server } from '../../../src/engines/engine.ts';
import { expectCode } from '../../support/expect-code.ts';
import { ask, never } from './backups.ts';
import { checksOn } from './check-restored.ts';

/**
 * Compares a restored copy of the tables of {@link takeFreezes} with the original rows. A single query, because each
 * query starts a process that loads half a gigabyte.
 */
export async function expectRows(server: Server): Promise<void> {
  expect(await server.verifyInventory?.(never)).toEqual({ of: 'tables', listed: 6, read: 4 });
  const sums = [
    '(SELECT count() FROM shop.orders)',
    '(SELECT sum(id) FROM shop.orders)',
    '(SELECT sum(n) FROM shop.daily)',
    "(SELECT x FROM shop.`a b;\\'t é`)",
  ];
  expect(await ask(server, `SELECT ${sums.join(', ')}`)).toEqual([[20_010, 200_190_045, 20_010, 1]]);
}

/** The same, and checks of each kind can read it. On 26.7, native-backup.docker.test.ts runs the checks. */
export async function expectAnswers(server: Server): Promise<void> {
  await expectRows(server);
  await expectCode('check-malformed', async () => ask(server, 'INSERT INTO shop.empty VALUES (3)'));
  const run = checksOn(server, { database: 'shop', takenAt: new Date('2026-01-01T13:00:00Z') });
  expect(await run({ tables: ['*', 'totals', 'daily'], expectedEmpty: ['empty'] })).toMatchObject({ passed: true });
  expect(await run({ freshness: 'orders.at', within: '2h' })).toMatchObject({
    passed: true,
    actual: '2026-01-01T12:00:00.000Z, 1 h older',
  });
  const schema = await run({ schema: 'locked' });
  expect(await run({ schema: 'locked' }, schema?.measured)).toMatchObject({ passed: true });
  expect(await run({ size: '10%' })).toMatchObject({ passed: true });
  expect(await run({ rows: '10%' })).toMatchObject({ passed: true });
  expect(await run({ latency: 'SELECT count() FROM orders', runs: 5, p95: '20s' })).toMatchObject({
    passed: true,
    actual: expect.stringMatching(/^p50 .+, p95 .+ in 5 runs$/),
  });
}

export async function expectDamage(server: Server): Promise<void> {
  const error = await expectCode('wrong-data', async () => server.verifyInventory?.(never));
  expect(error.message).toMatch(/shop\.orders.*(?:damaged|cannot be read): .*Checksum/);
}

/** Flips a bit in a column of a part. */
export async function flipBit(part: string): Promise<void> {
  const file = await dataFile(part);
  const bytes = await readFile(file);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

export async function dataFile(part: string): Promise<string> {
  return join(part, (await readdir(part)).includes('data.bin') ? 'data.bin' : 'id.bin');
}
