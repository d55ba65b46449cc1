import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { writeSampleBackup } from '../../demo/sample-backup.ts';
import { writeMysqlSample } from '../../demo/sample-mysql.ts';
import { amountsByMonth, dumpAgain, type Product, type Sample, type SampleNames, visits } from './sample.ts';

const takenAt = new Date('2026-11-21T03:00:00Z');
const facts = { table: 'payment', key: 'id', amount: 'amount', at: 'paid_at' };

/** The shop of `npm run demo` and of the drills in `drills/`, with rows of 14 days. */
export const shop: Sample = {
  name: 'shop',
  takenAt,
  async dump(_subject, product) {
    const directory = await mkdtemp(join(tmpdir(), 'fd-mutations-'));
    const file = join(directory, 'shop.sql.gz');
    const options = { takenAt, customers: 5000, withoutPayments: false };
    try {
      await (product === 'postgres' ? writeSampleBackup(file, options) : writeMysqlSample(file, product, options));
      return await buffer(createReadStream(file).pipe(createGunzip()));
    } finally {
      await rm(directory, { recursive: true });
    }
  },
  prepare: (product) => [
    "UPDATE product SET name = concat('Café ', id) WHERE MOD(id, 20) = 0",
    ...visits(facts, product),
  ],
  names,
  checks: (product) => ({
    sql: { sql: 'select count(*) from customer', expect: { min: 5000 } },
    tables: { tables: ['*'], maxDrop: '10%' },
    rows: { rows: '-10%..+25%' },
    freshness: { freshness: 'payment.paid_at', within: '26h' },
    integrity: { integrity: 'all' },
    headroom: { headroom: 'all' },
    schema: { schema: 'locked' },
    compare: { compare: amountsByMonth(facts, product) },
    latency: { latency: "select count(*) from orders where placed_at > '2026-11-21 02:00:00'", p95: '5s' },
    command: { command: dumpAgain(product, 'shop') },
    fingerprint: { fingerprint: {} },
  }),
};

function names(product: Product): SampleNames {
  const isPostgres = product === 'postgres';
  const ofOrders = (table: string) =>
    `DELETE FROM ${table} WHERE order_id IN (SELECT id FROM orders WHERE MOD(customer_id, 2) = 0)`;
  return {
    facts,
    swapped: [10_001, 10_002],
    parent: { table: 'customer', key: 'id', used: 42 },
    text: { table: 'product', column: 'name' },
    index: { table: 'orders', name: isPostgres ? 'orders_placed_at_idx' : 'placed_at' },
    foreignKey: { table: 'payment', name: isPostgres ? 'payment_order_id_fkey' : 'payment_order' },
    column: { table: 'product', name: 'price' },
    lastKey: '2147483640',
    tables: ['payment', 'order_line', 'orders', 'product', 'customer', 'visit'],
    staleAfter: '2026-11-19 21:00:00',
    otherTenant: [
      "UPDATE customer SET name = concat('x', name), email = concat('x', email)",
      "UPDATE product SET name = concat('x', name)",
      'UPDATE payment SET amount = amount + 1',
    ],
    halved: [
      ofOrders('payment'),
      ofOrders('order_line'),
      'DELETE FROM orders WHERE MOD(customer_id, 2) = 0',
      'DELETE FROM customer WHERE MOD(id, 2) = 0',
    ],
  };
}
