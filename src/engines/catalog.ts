import type { QueryResult } from './query-result.ts';
import type { SchemaObject } from './schema-object.ts';

/** A schema-qualified name of a table, view or sequence. In MySQL and MariaDB the schema is the database. */
export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
}

export type TableKind = 'table' | 'partitioned' | 'view' | 'materialized-view' | 'foreign';

export interface CatalogTable extends QualifiedName {
  readonly kind: TableKind;
  /** Estimate from the server's statistics, gathered during the load; undefined if there is none. */
  readonly estimatedRows: number | undefined;
  /** Size of data and indexes, without partitions; undefined if the server does not report it. */
  readonly bytes: number | undefined;
  /** The parent, if this table is a partition. */
  readonly partitionOf: QualifiedName | undefined;
  /** Whether it belongs to an extension rather than to the users' schema. */
  readonly isExtension: boolean;
  /** The storage engine, if it discards rows by design (stores nothing, or only in memory): `MEMORY`. Undefined for all others. */
  readonly transient: string | undefined;
}

/** Range of whole numbers that a column or a sequence can hold; both ends inclusive. */
export interface IntegerRange {
  readonly min: bigint;
  readonly max: bigint;
}

export interface CatalogColumn {
  readonly table: QualifiedName;
  readonly name: string;
  /** 1-based. */
  readonly position: number;
  /** As the server writes it: `integer`, `bigint unsigned`, `character varying(40)`. */
  readonly type: string;
  readonly nullable: boolean;
  /** Range of a whole-number column, including `numeric(12,0)`; undefined for other columns. */
  readonly integers: IntegerRange | undefined;
  /** Set for dates and times: `absolute` is an instant, `wall` a date and time without a time zone, `date` a day. */
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
  /** In key order. */
  readonly columns: readonly ForeignKeyColumn[];
  /** Whether the key is MATCH FULL: a row's columns are either all null or all non-null. */
  readonly isMatchFull: boolean;
  /** Whether the server guarantees it for existing rows: false after NOT VALID and NOT ENFORCED. */
  readonly isValidated: boolean;
  /** Whether the referenced table exists: MySQL and MariaDB accept a foreign key without it. */
  readonly hasParent: boolean;
}

export interface ForeignKeyColumn {
  readonly column: string;
  readonly references: string;
  /** SQL operator that compares the two columns, with the referenced column on the left: `=`, `OPERATOR(public.=)`. */
  readonly operator: string;
  /** SQL that follows the column if the two have different collations: ` COLLATE "public"."german"`; otherwise empty. */
  readonly collate: string;
}

export interface CatalogIndex {
  readonly table: QualifiedName;
  readonly name: string;
  /** Its columns; null for an expression. */
  readonly columns: readonly (string | null)[];
  readonly isUnique: boolean;
  /** False if queries do not use it. */
  readonly isValid: boolean;
}

/** A constraint that the server does not guarantee for existing rows. */
export interface UnvalidatedConstraint {
  readonly table: QualifiedName;
  readonly name: string;
  readonly kind: 'check' | 'not-null' | 'foreign-key';
  /** SQL condition that every row must meet; undefined for foreign keys. */
  readonly condition: string | undefined;
}

/** A sequence; in MySQL and MariaDB also an AUTO_INCREMENT, under its table's name. A sequence that fills several columns is listed once for each. */
export interface CatalogSequence extends QualifiedName {
  /** The column it fills. */
  readonly column: { readonly table: QualifiedName; readonly name: string } | undefined;
  /** The next value it will return; outside `range` when exhausted. */
  readonly next: bigint;
  readonly increment: bigint;
  readonly range: IntegerRange;
  readonly cycles: boolean;
}

/** The library version that produced the text ordering of a database or collation. */
export interface CollationVersion {
  /** `database shop`, `collation public.german`. */
  readonly object: string;
  /** Undefined if the server does not record it. */
  readonly recorded: string | undefined;
  /** The version in use now; undefined if the server does not report it. */
  readonly actual: string | undefined;
}

/**
 * The catalog of one database: the users' own objects, without the server's. Every implementation MUST:
 * - read lazily, with a few queries for all objects rather than one for each, and cache the results;
 * - sort by schema and name;
 * - throw `check-malformed` for more than {@link MAX_CATALOG_ROWS} objects of one kind, and whatever a check's query
 *   throws.
 */
export interface Catalog {
  /** Schemas in which an unqualified name is looked up, in order. */
  searchPath(): Promise<readonly string[]>;
  /** Whether table names are case-insensitive. */
  ignoresCase(): Promise<boolean>;
  tables(): Promise<readonly CatalogTable[]>;
  /** Columns of all tables and views. */
  columns(): Promise<readonly CatalogColumn[]>;
  /** Primary and unique keys, including unique indexes without a condition. */
  keys(): Promise<readonly CatalogKey[]>;
  foreignKeys(): Promise<readonly CatalogForeignKey[]>;
  indexes(): Promise<readonly CatalogIndex[]>;
  unvalidated(): Promise<readonly UnvalidatedConstraint[]>;
  sequences(): Promise<readonly CatalogSequence[]>;
  /** Everything that makes up the schema, for comparison with another; order is not guaranteed. */
  schemaObjects(): Promise<readonly SchemaObject[]>;
  /** For the database itself, versioned or not, and for all versioned collations; empty for a product without collation versions. */
  collationVersions(): Promise<readonly CollationVersion[]>;
  /**
   * Damage found by the server's own check of a table or view, in its words; empty if it found none.
   * @returns undefined if the product has no such statement, or the table's storage engine does not support
   * it.
   */
  findDamage(table: QualifiedName): Promise<readonly string[] | undefined>;
  /** The server's plan for a query, one line per step, without costs and estimates, so that equal plans give equal lines. The query is not run. */
  explain(sql: string): Promise<readonly string[]>;
  /** SQL for a name: `"public"."orders"`, `` `shop`.`orders` ``. */
  quote(...names: readonly string[]): string;
  /** SQL that selects the rows covered by the table's own keys and constraints: includes partitions, but not tables that inherit from it. */
  ownRows(table: QualifiedName): Promise<string>;
  /** SQL for the greatest value of a quoted column; null if there are no rows. Default: `MAX(column)`. */
  maximum?(column: string): string;
  /** SQL for an instant in UTC, `2026-11-29 06:34:09.123`, that compares with columns of instants. Default: the text, since sessions are in UTC. */
  instant?(utc: string): string;
}

export const MAX_CATALOG_ROWS = 200_000;

/** Runs one catalog query on the server; throws what a check's query throws. */
export type AskCatalog = (sql: string, maxRows: number) => Promise<QueryResult>;
