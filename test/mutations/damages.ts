import type { Product, SampleNames } from './sample.ts';

/** One way in which a backup's data can be wrong, as statements on a restored copy. */
export interface Mutation {
  /** Row of the table in docs/testing.md. */
  readonly title: string;
  /** Statements run by the harness, without foreign keys and triggers; undefined if the sample or product has nothing of the kind. */
  readonly statements: (names: SampleNames, product: Product) => readonly string[] | undefined;
}

const isPostgres = (product: Product) => product === 'postgres';

/** From single rows to rules to whole databases. */
export const MUTATIONS: readonly Mutation[] = [
  { title: 'every table emptied', statements: ({ tables }) => tables.map((table) => `DELETE FROM ${table}`) },
  { title: 'one table emptied', statements: ({ facts }) => [`DELETE FROM ${facts.table}`] },
  {
    title: 'one table missing',
    statements: ({ facts }, product) => [`DROP TABLE ${facts.table}${isPostgres(product) ? ' CASCADE' : ''}`],
  },
  { title: 'half of a table lost', statements: ({ facts }) => [loseEach(2, facts)] },
  { title: '1 % of its rows lost', statements: ({ facts }) => [loseEach(100, facts)] },
  { title: '0.1 % of its rows lost', statements: ({ facts }) => [loseEach(1000, facts)] },
  { title: 'one row lost', statements: ({ facts }) => [`DELETE FROM ${facts.table} WHERE ${facts.key} = 4321`] },
  {
    title: 'one row lost that others refer to',
    statements: ({ parent }) => [`DELETE FROM ${parent.table} WHERE ${parent.key} = ${parent.used}`],
  },
  {
    title: 'the newest rows lost (stale data)',
    statements: ({ facts, staleAfter }) => [`DELETE FROM ${facts.table} WHERE ${facts.at} > '${staleAfter}'`],
  },
  {
    title: '1 % of the rows twice, without a unique key',
    statements: () => ['INSERT INTO visit SELECT * FROM visit WHERE MOD(n, 100) = 0'],
  },
  { title: 'every row twice, without a unique key', statements: () => ['INSERT INTO visit SELECT * FROM visit'] },
  {
    title: 'a column NULL',
    statements: ({ nullable }) => nullable && [`UPDATE ${nullable.table} SET ${nullable.column} = NULL`],
  },
  { title: 'two values swapped', statements: swap },
  {
    title: 'amounts without their cents',
    statements: ({ facts: { table, amount } }) => [`UPDATE ${table} SET ${amount} = floor(${amount})`],
  },
  {
    title: 'texts cut off',
    statements: ({ text: { table, column } }) => [`UPDATE ${table} SET ${column} = left(${column}, 3)`],
  },
  { title: 'texts in the wrong encoding', statements: misread },
  {
    title: 'times two hours off (time zone)',
    statements: ({ facts: { table, at } }, product) => [
      `UPDATE ${table} SET ${at} = ${at} + INTERVAL ${isPostgres(product) ? "'2 hours'" : '2 HOUR'}`,
    ],
  },
  {
    title: 'a key close to the end of its type',
    statements: ({ facts: { table, key }, lastKey }) => [`UPDATE ${table} SET ${key} = ${lastKey} WHERE ${key} = 4321`],
  },
  {
    title: 'a sequence reset',
    statements: ({ sequence }) => (sequence === undefined ? undefined : [`SELECT setval('${sequence}', 1)`]),
  },
  {
    title: 'a column lost',
    statements: ({ column: { table, name } }) => [`ALTER TABLE ${table} DROP COLUMN ${name}`],
  },
  {
    title: 'an index lost',
    statements: ({ index: { table, name } }, product) => [
      isPostgres(product) ? `DROP INDEX ${name}` : `DROP INDEX ${name} ON ${table}`,
    ],
  },
  {
    title: 'a foreign key lost',
    statements: ({ foreignKey: { table, name } }, product) => [
      `ALTER TABLE ${table} DROP ${isPostgres(product) ? 'CONSTRAINT' : 'FOREIGN KEY'} ${name}`,
    ],
  },
  { title: 'a view lost', statements: ({ view }) => (view === undefined ? undefined : [`DROP VIEW ${view}`]) },
  {
    title: 'a trigger lost',
    statements: ({ trigger }, product) =>
      trigger && [`DROP TRIGGER ${trigger.name}${isPostgres(product) ? ` ON ${trigger.table}` : ''}`],
  },
  { title: 'a function changed', statements: ({ changedFunction }) => changedFunction },
  { title: 'a trigger added', statements: addTrigger },
  { title: 'the database of another tenant, as large', statements: ({ otherTenant }) => otherTenant },
  {
    title: 'the database of another tenant, half as large',
    statements: ({ otherTenant, halved }) => [...otherTenant, ...halved],
  },
];

function loseEach(nth: number, { table, key }: SampleNames['facts']): string {
  return `DELETE FROM ${table} WHERE MOD(${key}, ${nth}) = 0`;
}

function swap({ facts: { table, key, amount }, swapped: [one, other] }: SampleNames): readonly string[] {
  const both = `${key} IN (${one}, ${other})`;
  return [
    `CREATE TEMPORARY TABLE swapped AS SELECT ${key} AS id, ${amount} AS was FROM ${table} WHERE ${both}`,
    `UPDATE ${table} SET ${amount} = (SELECT was FROM swapped WHERE swapped.id <> ${table}.${key}) WHERE ${both}`,
  ];
}

/** UTF-8 that was read as Latin-1. */
function misread({ text: { table, column } }: SampleNames, product: Product): readonly string[] {
  const value = isPostgres(product)
    ? `convert_from(convert_to(${column}, 'UTF8'), 'LATIN1')`
    : `CONVERT(CAST(CONVERT(${column} USING utf8mb4) AS BINARY) USING latin1)`;
  return [`UPDATE ${table} SET ${column} = ${value}`];
}

function addTrigger({ parent: { table } }: SampleNames, product: Product): readonly string[] {
  if (!isPostgres(product)) return [`CREATE TRIGGER spy AFTER INSERT ON ${table} FOR EACH ROW SET @seen = 1`];
  return [
    "CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    `CREATE TRIGGER spy AFTER INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION spy()`,
  ];
}
