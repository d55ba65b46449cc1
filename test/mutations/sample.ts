import type { EngineUnderTest } from '../contracts/engine-contract.ts';

export type Product = 'postgres' | 'mysql' | 'mariadb';

/** The names in a sample database that damages need. Columns and tables need no quotes. */
export interface SampleNames {
  /** A large table of numbers and times that nothing references. */
  readonly facts: { readonly table: string; readonly key: string; readonly amount: string; readonly at: string };
  /** Keys of two of its rows whose amounts differ, in the same month. */
  readonly swapped: readonly [number, number];
  /** A table that others reference, and one of its keys that they use. */
  readonly parent: { readonly table: string; readonly key: string; readonly used: number };
  /** A column of texts without a unique key. Some are not ASCII. */
  readonly text: { readonly table: string; readonly column: string };
  readonly nullable?: { readonly table: string; readonly column: string };
  readonly index: { readonly table: string; readonly name: string };
  readonly foreignKey: { readonly table: string; readonly name: string };
  readonly trigger?: { readonly table: string; readonly name: string };
  /** A statement that changes what a function does, but not how it is called. */
  readonly changedFunction?: readonly string[];
  readonly view?: string;
  /** A column that no view needs. */
  readonly column: { readonly table: string; readonly name: string };
  /** Postgres: a sequence that numbers the rows of a table. */
  readonly sequence?: string;
  /** A value close to the limit of the key's type, in the largest table. */
  readonly lastKey: string;
  /** All tables, with children before their parents. */
  readonly tables: readonly string[];
  /** Less than a tenth of the rows are newer than this. */
  readonly staleAfter: string;
  /** Statements that turn it into the database of another tenant with as many rows. */
  readonly otherTenant: readonly string[];
  /** Statements that omit every other customer, with everything of theirs. */
  readonly halved: readonly string[];
}

/** A sample database: its dump, and a check of each kind as a drill would have it. */
export interface Sample {
  readonly name: string;
  /** When its backup was supposedly taken: shortly after the newest row. */
  readonly takenAt: Date;
  /** The output of its dump tool. */
  dump(subject: EngineUnderTest, product: Product): Promise<Buffer>;
  /** Statements after the load that make it a better target. */
  prepare(product: Product): readonly string[];
  names(product: Product): SampleNames;
  /** One check of each kind, by its key. */
  checks(product: Product): Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A table without any key, and so a table whose rows can be loaded twice, which none of the samples has. */
export function visits({ table, key, at }: SampleNames['facts'], product: Product): readonly string[] {
  const time = product === 'postgres' ? 'timestamp with time zone' : 'datetime';
  return [
    `CREATE TABLE visit (n integer, page varchar(20), at ${time})`,
    `INSERT INTO visit SELECT ${key}, 'start', ${at} FROM ${table} WHERE ${key} <= 5000`,
  ];
}

/** By month, since booked amounts do not change. */
export function amountsByMonth({ table, amount, at }: SampleNames['facts'], product: Product): string {
  const month = product === 'postgres' ? `to_char(${at}, 'YYYY-MM')` : `date_format(${at}, '%Y-%m')`;
  return `select ${month}, count(*), sum(${amount}) from ${table} group by 1 order by 1`;
}

/** Counts the tables that the product's own dump tool writes. */
export function dumpAgain(product: Product, database: string): readonly string[] {
  const dump = {
    postgres: 'pg_dump --schema-only',
    mysql: `mysqldump --no-data --skip-lock-tables --set-gtid-purged=OFF --no-tablespaces ${database}`,
    mariadb: `mariadb-dump --no-data --skip-lock-tables ${database}`,
  }[product];
  return ['sh', '-c', `${dump} | grep -c "^CREATE TABLE"`];
}
