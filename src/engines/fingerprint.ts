import type { QueryResult } from './query-result.ts';

/** Runs one query on a server, which returns at most a few thousand rows. */
export type Ask = (sql: string) => Promise<QueryResult>;

/** A column whose values are part of a table's digest. */
export interface DigestColumn {
  readonly name: string;
  /** In the product's own words, independent of session settings: `numeric(5,2)`. */
  readonly type: string;
  readonly nullable: boolean;
  /** The expression whose value is digested, the same on every server of the product. */
  readonly expression: string;
}

/** A table whose rows can be compared with those on another server of the product. */
export interface DigestTable {
  /** Unique in its database: `public.customer`, or `customer` if databases have no schemas. */
  readonly name: string;
  /** Quoted for queries. */
  readonly sql: string;
  /** In table order, without generated columns, which a server computes from the others. */
  readonly columns: readonly DigestColumn[];
  /** The first column of the primary key, quoted, if it holds whole numbers. */
  readonly integerKey: { readonly name: string; readonly sql: string } | undefined;
  /** Estimated size. */
  readonly bytes: number;
  /** Why a snapshot of the source does not include the table: `MyISAM keeps no snapshot`. */
  readonly outsideSnapshot?: string | undefined;
}

/** How keys are divided into buckets: `count` buckets of `width` keys each, starting at `from`. */
export interface KeyRange {
  readonly from: bigint;
  readonly width: bigint;
  readonly count: number;
}

/** Digest of one bucket of rows, as computed by one server. */
export interface DigestRow {
  /** The bucket; -1 for keys below the range, `count` for keys above it. 0 without a range. */
  readonly bucket: number;
  readonly rows: bigint;
  /** Sums of the rows' hashes, each modulo 2^64, as hexadecimal digits. */
  readonly hash: string;
  /** Number of values that are not NULL, by nullable column. */
  readonly filled: Readonly<Record<string, bigint>>;
}

/**
 * Computes digests of a product's tables, in the server. Every implementation MUST:
 * - give the same digest for the same rows in any order, on every server of the product, whatever the settings of server, database and session;
 * - hash all columns of a row together, with a hash in which one changed value changes the whole result, and add the hashes up, so that two swapped values, a
 *   duplicate row and two equal edits all change the sum;
 * - throw for a row that it cannot hash, so that it never counts as equal.
 */
export interface TableHasher {
  /** Identifies the hashing rules. Digests made by different rules cannot be compared. */
  readonly rules: string;
  listTables(ask: Ask): Promise<readonly DigestTable[]>;
  /**
   * Data stored outside tables, presented as tables: compared only between two restored copies, since a manifest of the source lists just tables. Default:
   * nothing.
   */
  listOthers?(): readonly DigestTable[];
  /** The smallest and the greatest value of an integer key; undefined for an empty table, or one without such a key. */
  readKeys(ask: Ask, table: DigestTable): Promise<{ readonly min: bigint; readonly max: bigint } | undefined>;
  /** One row for each non-empty bucket; without a range, at most one row. */
  digest(ask: Ask, table: DigestTable, range: KeyRange | undefined): Promise<readonly DigestRow[]>;
}

/** What `firedrill fingerprint` connects to. */
export interface DatabaseAddress {
  readonly url: URL;
  /** Replaces the one in the URL. */
  readonly password: string | undefined;
  /** An exported snapshot to read from. */
  readonly snapshot: string | undefined;
  /** Number of sessions that read in parallel, all in one snapshot. */
  readonly sessions: number;
}

/** Read-only sessions on a running database, all in one snapshot. */
export interface SourceDatabase extends AsyncDisposable {
  readonly database: string;
  readonly serverVersion: string;
  readonly hasher: TableHasher;
  readonly sessions: readonly Ask[];
}
