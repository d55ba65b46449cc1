import type { QueryResult } from './query-result.ts';
import type { SchemaObject } from './schema-object.ts';

/** The name of a table, view or sequence with its schema. In MySQL and MariaDB the schema is the database. */
export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
}

export type TableKind = 'table' | 'partitioned' | 'view' | 'materialized-view' | 'foreign';

export interface CatalogTable extends QualifiedName {
  readonly kind: TableKind;
  /** By the server's statistics, which the load gathered; undefined: none. */
  readonly estimatedRows: number | undefined;
  /** Data and indexes, without those of partitions; undefined where the server does not say. */
  readonly bytes: number | undefined;
  /** The partitioned table that this one is a partition of. */
  readonly partitionOf: QualifiedName | undefined;
  /** Whether it came with an extension, not with the users' schema. */
  readonly isExtension: boolean;
  /** False where the server itself discards rows: an engine that stores nothing, or only in memory. The text says which: `MEMORY`. */
  readonly transient: string | undefined;
}

/** Whole numbers that a column or a sequence can hold; both ends inclusive. */
export interface IntegerRange {
  readonly min: bigint;
  readonly max: bigint;
}

export interface CatalogColumn {
  readonly table: QualifiedName;
  readonly name: string;
  /** From 1. */
  readonly position: number;
  /** As the server writes it: `integer`, `bigint unsigned`, `character varying(40)`. */
  readonly type: string;
  readonly nullable: boolean;
  /** Set for columns of whole numbers, `numeric(12,0)` included. */
  readonly integers: IntegerRange | undefined;
  /** Set for dates and times: `absolute` is an instant, `wall` a date and time without a zone, `date` a day. */
  readonly time: 'absolute' | 'wall' | 'date' | undefined;
}

export interface CatalogKey {
  readonly table: QualifiedName;
  readonly name: string;
  readonly kind: 'primary' | 'unique';
  readonly columns: readonly string[];
}

export interface CatalogForeignKey {
  readonly table: QualifiedName;
  readonly name: string;
  readonly references: QualifiedName;
  /** In the key's order. */
  readonly columns: readonly ForeignKeyColumn[];
  /** Whether a row may not have some columns null and others not. */
  readonly isMatchFull: boolean;
  /** Whether the server vouches for the rows that are there: false after NOT VALID and NOT ENFORCED. */
  readonly isValidated: boolean;
  /** Whether the referenced table exists: MySQL and MariaDB load a key without it. */
  readonly hasParent: boolean;
}

export interface ForeignKeyColumn {
  readonly column: string;
  readonly references: string;
  /** SQL of the operator that compares them, the referenced column on its left: `=`, `OPERATOR(public.=)`. */
  readonly operator: string;
  /** SQL after the column, where the two have different collations: ` COLLATE "public"."german"`, else empty. */
  readonly collate: string;
}

export interface CatalogIndex {
  readonly table: QualifiedName;
  readonly name: string;
  /** Its columns; null: an expression. */
  readonly columns: readonly (string | null)[];
  readonly isUnique: boolean;
  /** False: queries do not use it. */
  readonly isValid: boolean;
}

/** A constraint whose present rows the server does not vouch for. */
export interface UnvalidatedConstraint {
  readonly table: QualifiedName;
  readonly name: string;
  readonly kind: 'check' | 'not-null' | 'foreign-key';
  /** SQL of what a row must meet; undefined for foreign keys. */
  readonly condition: string | undefined;
}

/** A sequence; in MySQL and MariaDB also an AUTO_INCREMENT, which has its table's name. One that fills several columns is listed for each. */
export interface CatalogSequence extends QualifiedName {
  /** The column that it fills. */
  readonly column: { readonly table: QualifiedName; readonly name: string } | undefined;
  /** The next value that it gives; beyond `range` when it is used up. */
  readonly next: bigint;
  readonly increment: bigint;
  readonly range: IntegerRange;
  readonly cycles: boolean;
}

/** Which version of its library the order of text of a database or collation was made with. */
export interface CollationVersion {
  /** `database shop`, `collation public.german`. */
  readonly object: string;
  /** Undefined where the server records none. */
  readonly recorded: string | undefined;
  /** What the server has now; undefined where it does not say. */
  readonly actual: string | undefined;
}

/**
 * What a server's catalog says of one database: the users' own objects, without the server's. Every implementation MUST:
 * - read lazily, with a few queries for all objects and not one for each, and keep what was read;
 * - sort by schema and name;
 * - throw `check-malformed` for more than {@link MAX_CATALOG_ROWS} objects of one kind, and what a check's query throws.
 */
export interface Catalog {
  /** Where a name without a schema is looked up, in this order. */
  searchPath(): Promise<readonly string[]>;
  /** Whether table names that differ only in letter case are the same. */
  ignoresCase(): Promise<boolean>;
  tables(): Promise<readonly CatalogTable[]>;
  /** Of all tables and views. */
  columns(): Promise<readonly CatalogColumn[]>;
  /** Primary and unique keys, unique indexes without a condition included. */
  keys(): Promise<readonly CatalogKey[]>;
  foreignKeys(): Promise<readonly CatalogForeignKey[]>;
  indexes(): Promise<readonly CatalogIndex[]>;
  unvalidated(): Promise<readonly UnvalidatedConstraint[]>;
  sequences(): Promise<readonly CatalogSequence[]>;
  /** Everything that makes up the schema, for comparing it with another; sorted or not. */
  schemaObjects(): Promise<readonly SchemaObject[]>;
  /** Of the database itself, whether it has a version or not, and of the collations that have one; empty for a product without versions. */
  collationVersions(): Promise<readonly CollationVersion[]>;
  /**
   * What the server's own check of a table or view finds damaged, in its words; empty: nothing.
   * @returns undefined where the product has no such statement, or the table's engine does not support it.
   */
  findDamage(table: QualifiedName): Promise<readonly string[] | undefined>;
  /** How the server would carry out a query, a line each, without costs and estimates, so that the same plan gives the same lines. The query is not run. */
  explain(sql: string): Promise<readonly string[]>;
  /** SQL for a name: `"public"."orders"`, `` `shop`.`orders` ``. */
  quote(...names: readonly string[]): string;
  /** SQL for the rows of a table that its own keys and constraints see: those of its partitions, but not those of tables that inherit from it. */
  ownRows(table: QualifiedName): Promise<string>;
  /** SQL of the greatest value of a quoted column; null where there is no row. Default: `MAX(column)`. */
  maximum?(column: string): string;
  /** SQL of an instant in UTC, `2026-11-29 06:34:09.123`, as columns of instants compare with it. Default: the text, since sessions are in UTC. */
  instant?(utc: string): string;
}

export const MAX_CATALOG_ROWS = 200_000;

/** Asks the server one query of the catalog; throws what a check's query throws. */
export type AskCatalog = (sql: string, maxRows: number) => Promise<QueryResult>;
