import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { amountsByMonth, dumpAgain, type Product, type Sample, type SampleNames, visits } from './sample.ts';

const data = (product: Product) =>
  fileURLToPath(
    new URL(`../../../shared/data/sakila-${product === 'postgres' ? 'postgres' : 'mysql'}/`, import.meta.url),
  );

const facts = { table: 'payment', key: 'payment_id', amount: 'amount', at: 'payment_date' };

/** The DVD rental, whose data is next to the checkout. */
export const sakila: Sample = {
  name: 'sakila',
  takenAt: new Date('2006-02-14T18:00:00Z'),
  async dump(subject, product) {
    const files = product === 'postgres' ? ['schema.sql', 'data-copy.sql'] : ['schema.sql', 'data.sql'];
    const texts = await Promise.all(files.map((file) => readFile(`${data(product)}${file}`, 'utf8')));
    const rows = texts.join('\n').replaceAll(/^-- PostgreSQL database dump.*$/gm, '--');
    return Buffer.from(`${subject.dumpOf([])}${rows}\n${subject.lastLine}\n`);
  },
  prepare: (product) => [
    "UPDATE customer SET first_name = 'ZOË', last_update = last_update WHERE MOD(customer_id, 20) = 0",
    ...visits(facts, product),
  ],
  names,
  checks: (product) => ({
    sql: { sql: 'select count(*) from rental', expect: { min: 16_000 } },
    tables: { tables: ['*'], expectedEmpty: product === 'postgres' ? ['payment_p2007_*'] : [], maxDrop: '10%' },
    rows: { rows: '-10%..+25%' },
    freshness: { freshness: 'payment.payment_date', within: '26h' },
    integrity: { integrity: 'all' },
    headroom: { headroom: 'all' },
    schema: { schema: 'locked' },
    compare: { compare: amountsByMonth(facts, product) },
    latency: { latency: "select * from customer where last_name = 'SMITH'", p95: '5s' },
    command: { command: dumpAgain(product, 'sakila') },
    fingerprint: { fingerprint: {} },
  }),
};

function names(product: Product): SampleNames {
  const isPostgres = product === 'postgres';
  return {
    facts,
    swapped: [1, 2],
    parent: { table: 'customer', key: 'customer_id', used: 42 },
    text: { table: 'customer', column: 'first_name' },
    nullable: { table: 'rental', column: 'return_date' },
    index: { table: 'customer', name: 'idx_last_name' },
    foreignKey: { table: 'rental', name: isPostgres ? 'rental_customer_id_fkey' : 'fk_rental_customer' },
    trigger: isPostgres ? { table: 'customer', name: 'last_updated' } : { table: 'film', name: 'upd_film' },
    changedFunction: isPostgres
      ? [
          "CREATE OR REPLACE FUNCTION inventory_in_stock(p_inventory_id integer) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        ]
      : [
          'DROP FUNCTION inventory_in_stock',
          'CREATE FUNCTION inventory_in_stock(p_inventory_id INT) RETURNS BOOLEAN READS SQL DATA RETURN TRUE',
        ],
    view: 'film_list',
    column: { table: 'customer', name: 'email' },
    ...(isPostgres ? { sequence: 'customer_customer_id_seq' } : {}),
    lastKey: isPostgres ? '2147483640' : '65530',
    tables: [
      ...['payment', 'rental', 'inventory', 'film_actor', 'film_category', 'film', 'customer', 'store', 'staff'],
      ...['address', 'city', 'country', 'actor', 'category', 'language', 'visit'],
      ...(isPostgres ? [] : ['film_text']),
    ],
    staleAfter: '2006-01-01',
    otherTenant: [
      "UPDATE customer SET last_name = reverse(last_name), email = concat('x', email)",
      'UPDATE film SET title = reverse(title)',
      'UPDATE payment SET amount = amount + 1',
    ],
    halved: ['payment', 'rental', 'customer'].map((table) => `DELETE FROM ${table} WHERE MOD(customer_id, 2) = 0`),
  };
}
