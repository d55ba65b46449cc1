import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkSchema } from '../../../src/config/check-schema.ts';
import type { Catalog } from '../../../src/engines/catalog.ts';
import type { CheckRecord, Measured } from '../../../src/record/check-record.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { runChecks } from '../../../src/verify/run-checks.ts';
import type { EngineUnderTest } from '../../contracts/engine-contract.ts';
import { STEP_TIMEOUT_MS } from '../../support/timeouts.ts';
import { fakeNeighbours } from '../fake-hasher.ts';
import { FROM_DUMP, fakeSnapshots } from '../fake-pool.ts';
import { expectAdviceToCatch } from './advice-suite.ts';
import { earlierRun } from './earlier-run.ts';
import { manifestOf } from './manifest-of.ts';
import { READING } from './reading.ts';
import { type RestoredShop, restoreShop } from './restored-shop.ts';
import { MYSQL_SHOP, POSTGRES_SHOP } from './shop-statements.ts';
import { applicationCheck } from './tiny-application.ts';
import { hashTypedTable, TYPED_HASHES } from './typed-table.ts';

/** Tests the catalog and every kind of check on one restored database, in the same way for all products. */
export function describeKindsOn(subject: EngineUnderTest): void {
  const isPostgres = subject.engine.type === 'postgres';
  const schema = isPostgres ? 'public' : 'shop';
  const table = (name: string) => ({ schema, name });

  let shop: RestoredShop;
  describe(`checks of ${subject.name}`, () => {
    let catalog: Catalog;
    beforeAll(async () => {
      shop = await restoreShop(subject, isPostgres ? POSTGRES_SHOP : MYSQL_SHOP);
      catalog = shop.pool.catalog(undefined);
    });
    afterAll(() => shop?.[Symbol.asyncDispose]());

    it('know the tables, their columns and what they can hold', async () => {
      expect(await catalog.searchPath()).toEqual([schema]);
      const tables = await catalog.tables();
      expect(tables.find(({ name }) => name === 'customer')).toMatchObject({ ...table('customer'), kind: 'table' });
      expect(tables.find(({ name }) => name === 'big_spender')?.kind).toBe('view');
      expect(tables.map(({ name }) => name)).toContain(isPostgres ? 'It"s a table' : "It's a `table");
      const columns = (await catalog.columns()).map(({ table: { name }, name: column, integers, time }) => [
        `${name}.${column}`,
        integers?.max ?? time,
      ]);
      expect(Object.fromEntries(columns)).toMatchObject({
        'customer.id': isPostgres ? 2n ** 63n - 1n : 2n ** 64n - 1n,
        'customer.created_at': 'absolute',
        'purchase.id': 2n ** 31n - 1n,
        'purchase.placed_on': 'date',
        'line.place': 2n ** 15n - 1n,
        'delivery.due_at': 'wall',
        'event.id': 99_999n,
      });
    });

    it('know keys, references and sequences', async () => {
      const keys = (await catalog.keys()).filter(({ table: { name } }) => name === 'line');
      expect(keys).toMatchObject([{ kind: 'primary', columns: ['purchase_id', 'place'] }]);
      expect(await catalog.foreignKeys()).toMatchObject([
        {
          table: table('delivery'),
          name: 'delivery_line',
          references: table('line'),
          columns: [
            { column: 'purchase_id', references: 'purchase_id' },
            { column: 'place', references: 'place' },
          ],
        },
        { table: table('purchase'), columns: [{ column: 'customer_id', references: 'id' }], hasParent: true },
      ]);
      const sequences = await catalog.sequences();
      expect(sequences.find(({ column }) => column?.table.name === 'purchase')).toMatchObject({
        column: { table: table('purchase'), name: 'id' },
        next: 2_100_000_002n,
        increment: 1n,
      });
    });

    it('count the rows of tables', async () => {
      const odd = isPostgres ? 'Odd.Names.It"s a table' : "It's a `table";
      const tables = ['*', 'customer', 'delivery'];
      expect(await run({ tables, expectedEmpty: [odd] })).toMatchObject({
        passed: true,
        actual: '5 tables with rows, 1 that may be empty',
      });
      expect(await run({ tables: ['*', 'orders', { table: 'line', minRows: 3 }] })).toMatchObject({
        passed: false,
        actual: expect.stringMatching(
          /orders is missing; .*is empty; line has 2 rows, at least 3 expected|orders is missing/,
        ),
      });
      expect(await run({ tables: ['customer', 'big_spender'] })).toMatchObject({
        passed: false,
        actual: 'big_spender is empty',
      });
      const first = await run({ tables: ['c*', 'line'], maxDrop: '10%' });
      expect(first).toMatchObject({ passed: true, actual: '2 tables, 4 rows; no earlier run to compare with' });
      const more = {
        rows: [
          ['customer', '3'],
          ['line', '2'],
          ['cart', '7'],
          ['other', '1'],
        ],
      };
      expect(await run({ tables: ['c*', 'line'], maxDrop: '10%' }, more)).toMatchObject({
        passed: false,
        actual:
          'customer has 2 rows, 33.3 % fewer than the 3 in run earlier; cart is missing; it had 7 rows in run earlier',
      });
    });

    it('find the newest value of a column', async () => {
      expect(await run({ freshness: 'customer.created_at', within: '1h' })).toMatchObject({
        passed: true,
        actual: '2026-11-21T02:30:00.000Z, 30 min older',
      });
      expect(await run({ freshness: `${schema}.purchase.placed_on` })).toMatchObject({
        passed: true,
        actual: '2026-11-20T23:59:59.999Z, 3 h older',
      });
      expect(await run({ freshness: 'delivery.due_at' })).toMatchObject({
        passed: false,
        actual: 'no value; 1 value more than 10 min after the backup ignored',
      });
      expect(await run({ freshness: 'event.at', timezone: 'Europe/Berlin' })).toMatchObject({ passed: false });
    });

    it('find orphans, sequences that lag behind and violated constraints', async () => {
      const orphans = [
        '1 row of delivery has no matching row in line (delivery_line)',
        '1 row of purchase has no matching row in customer (purchase_customer)',
      ];
      const onlyHere = [
        'customer.id goes up to 2, but its sequence customer_id_seq continues at 2',
        '1 row breaks the constraint named of customer, which is not validated',
      ];
      const all = await run({ integrity: 'all' });
      expect(all).toMatchObject({ passed: false, expected: 'nothing orphaned, behind, invalid or damaged' });
      const nothing =
        'not checked by amcheck and page checksums: the restore has just written every page and index, so they would prove nothing';
      expect(all?.details ?? all?.actual.split('; ')).toEqual([
        ...orphans,
        ...(isPostgres ? [...onlyHere, nothing] : []),
      ]);
      const except = ['delivery_line', 'purchase_customer', 'customer_id_seq', 'named'];
      expect(await run({ integrity: 'all', except })).toMatchObject({ passed: true });
      expect(await run({ integrity: ['sequences'], except: ['customer'] })).toMatchObject({
        passed: true,
        actual: '1 sequence',
      });
      expect(await run({ integrity: ['indexes'] })).toMatchObject({ passed: true });
      expect(await run({ integrity: ['indexes'], references: ['delivery.purchase_id -> purchase.id'] })).toMatchObject({
        passed: true,
      });
      expect(
        await run({
          integrity: ['indexes'],
          references: ['line(purchase_id, place) -> delivery(purchase_id, place)', 'line.sku -> none.id'],
        }),
      ).toMatchObject({
        passed: false,
        actual:
          '1 row has no match (line(purchase_id, place) -> delivery(purchase_id, place)); the table none is missing',
      });
      const tables = run({ integrity: ['tables'] });
      if (isPostgres) await expect(tables).rejects.toMatchObject({ code: 'check-malformed' });
      else expect(await tables).toMatchObject({ passed: true, actual: '7 tables checked' });
    });

    it('detect numbers that run out', async () => {
      const integer = isPostgres ? 'integer' : subject.engine.type === 'mysql' ? 'int' : 'int(11)';
      const before = { used: [['purchase.id', '2098000000']] };
      expect(await run({ headroom: 'all' }, before)).toMatchObject({
        passed: false,
        actual: `purchase.id: 97.7 % of ${integer} used, 2,000,001 a day, runs out on 14 Dec 2026 (in 23 d 18 h)`,
      });
      expect(await run({ headroom: ['c*'], horizon: '365d' })).toMatchObject({
        passed: true,
        actual: '1 column, at most 0 % used (customer.id); no rate yet: needs backups a day apart',
      });
    });

    it('compare the schema and the rows with an earlier run', async () => {
      for (const file of [{ schema: 'locked' }, { rows: '-10%..+25%' }]) {
        const first = await run(file);
        expect(first).toMatchObject({ passed: true, actual: expect.stringMatching(/^learned \d+/) });
        expect(await run(file, first?.measured)).toMatchObject({ passed: true, measured: first?.measured });
      }
      const lost = { rows: { [`${schema}.customer`]: 3000 } };
      expect(await run({ rows: '-10%..+25%' }, lost)).toMatchObject({
        passed: false,
        actual: expect.stringContaining(`${schema}.customer had 3,000 rows, now `),
      });
    });

    it('run a query, and compare its result with an earlier one', async () => {
      const count = 'select count(*) from customer';
      expect(await run({ sql: count, expect: { min: 2 } })).toMatchObject({ passed: true });
      expect(await run({ sql: count, expect: { min: 3 } })).toMatchObject({ passed: false, actual: '2' });
      const first = await run({ compare: count, change: 'growth' });
      expect(await run({ compare: count, change: 'growth' }, first?.measured)).toMatchObject({ passed: true });
      const more = { result: [['row 1', ['n3']]] };
      expect(await run({ compare: count, change: 'growth' }, more)).toMatchObject({
        passed: false,
        actual: '2, 3 before (-33%) since run earlier',
      });
    });

    it('compare every row with a manifest', async () => {
      manifest = await manifestOf(shop.pool, shop.database, shop.server.version);
      expect(await run({ fingerprint: {} })).toMatchObject({
        passed: true,
        actual: expect.stringMatching(/^all \d+ rows are equal$/),
      });
      const rows = await run({ fingerprint: { exclude: ['*customer'] } });
      expect(rows).toMatchObject({ passed: true });
      expect(await run({ fingerprint: { tables: ['none'] } }).catch(({ code }) => code)).toBe('manifest-unusable');
    });

    it.skipIf(!subject.name.includes('docker'))('run a program that logs in by itself', async () => {
      const command = subject.query('SELECT COUNT(*) FROM customer');
      expect(await run({ command, expect: { equals: '2' } })).toMatchObject({ passed: true });
      expect(await run({ command, expect: { equals: '3' } })).toMatchObject({ passed: false });
      expect(await run({ command: ['false'] })).toMatchObject({ passed: false });
    });

    it('that a proof advises catch the damage that they were advised for', () => expectAdviceToCatch(shop));

    it('time a query, and record its plan', async () => {
      const sql = 'select count(*) from customer c join purchase p on p.customer_id = c.id';
      const fine = await run({ latency: sql, p95: '20s', runs: 5 });
      expect(fine).toMatchObject({
        passed: true,
        actual: expect.stringMatching(/^p50 [\d.]+ ms, p95 [\d.]+ ms in 5 runs$/),
      });
      expect(fine?.measured?.['plan']).not.toEqual([]);
      expect(await run({ latency: sql, p95: '20s', runs: 5 }, fine?.measured)).toMatchObject({
        actual: expect.not.stringContaining('plan'),
      });
      expect(await run({ latency: sql, p95: '20s', runs: 5 }, { ...fine?.measured, plan: ['x'] })).toMatchObject({
        details: expect.arrayContaining(['- x']),
      });
      await expect(run({ latency: 'delete from customer', p50: '1s' })).rejects.toMatchObject({
        code: 'check-malformed',
      });
    });

    it('start an application on the data that can reach nothing else', async () => {
      const check = applicationCheck(shop.sandbox.provenance.name, subject.networkClient);
      if (!shop.sandbox.startApplication) {
        return await expect(run(check)).rejects.toMatchObject({ code: 'check-malformed' });
      }
      const answers = await run({ ...check, expect: { equals: 0 } });
      expect(answers).toMatchObject({
        passed: true,
        actual: 'status 200',
        details: [expect.stringMatching(/^application image .* \(sha256:[0-9a-f]{64}\)$/)],
      });
      const reads = await run({
        ...check,
        env: { ...check.env, BOOT: `${subject.networkClient} "delete from customer"` },
        access: 'read',
      });
      expect(reads).toMatchObject({
        passed: false,
        actual: expect.stringMatching(/ended with exit code .*cannot boot/),
      });
    });

    it('hash a table of all types like every other version, whatever the server’s settings', async () => {
      expect(await hashTypedTable(shop.server)).toBe(TYPED_HASHES[subject.engine.type]);
    });
  });

  const snapshots = fakeSnapshots();
  let manifest = '';

  /** Runs one check, as written in a drill file. @param before its measurements in the last good run. */
  async function run(file: Record<string, unknown>, before?: Measured): Promise<CheckRecord | undefined> {
    const resolved = checkSchema.parse({ name: 'it', ...file }).resolve(READING);
    if (!resolved) throw new Error('no check');
    const [record] = await runChecks(shop.pool, [resolved], {
      place: { file: 'drills/shop.yaml', checkLines: [1] },
      takenAt: new Date('2026-11-21T03:00:00Z'),
      restore: FROM_DUMP,
      neighbours: fakeNeighbours({ 'orders.dump.fingerprint.json': manifest }),
      rpoMs: 26 * 3_600_000,
      clock: systemClock,
      signal: AbortSignal.timeout(STEP_TIMEOUT_MS),
      snapshots,
      findPast: async () => earlierRun(before),
    });
    return record;
  }
}
