import type { QueryResult } from './query-result.ts';

/** Asks a server one query that gives at most a few thousand rows. */
export type Ask = (sql: string) => Promise<QueryResult>;

/** A column whose values go into a table's digest. */
export interface DigestColumn {
  readonly name: string;
  /** In the product's own words, without what a session's settings change: `numeric(5,2)`. */
  readonly type: string;
  readonly nullable: boolean;
  /** The expression that gives the value to the digest, the same on every server of the product. */
  readonly expression: string;
}

/** A table whose rows can be compared with those of another server of the product. */
export interface DigestTable {
  /** Unique in its database: `public.customer`, or `customer` where a database has no schemas. */
  readonly name: string;
  /** Quoted, for queries. */
  readonly sql: string;
  /** In the table's own order, without generated columns, which a server computes from the others. */
  readonly columns: readonly DigestColumn[];
  /** The first column of the primary key, quoted, when it holds whole numbers. */
  readonly integerKey: { readonly name: string; readonly sql: string } | undefined;
  /** An estimate. */
  readonly bytes: number;
  /** Why a snapshot of the source does not cover the table: `MyISAM keeps no snapshot`. */
  readonly outsideSnapshot?: string | undefined;
}

/** How keys are sorted into buckets: `count` of them, `width` keys each, from `from` on. */
export interface KeyRange {
  readonly from: bigint;
  readonly width: bigint;
  readonly count: number;
}

/** Rows that belong together, as one server sees them. */
export interface DigestRow {
  /** The bucket; -1 before the range, `count` after it. 0 without a range. */
  readonly bucket: number;
  readonly rows: bigint;
  /** Sums of the rows' hashes, each modulo 2^64, as hexadecimal digits. */
  readonly hash: string;
  /** How many values are not NULL, by nullable column. */
  readonly filled: Readonly<Record<string, bigint>>;
}

/**
 * How a product computes digests of its tables, in the server. Every implementation MUST:
 * - give the same digest for the same rows in any order, on every server of the product, whatever the settings of server, database and session;
 * - hash all columns of a row together, by a hash in which a change of one value moves the whole result, and add the hashes up, so that
 *   two swapped values, a row twice and two equal edits all change the sum;
 * - keep a row that it cannot hash from passing as one: throw instead.
 */
export interface TableHasher {
  /** Names the way of hashing. Digests by other rules cannot be compared. */
  readonly rules: string;
  listTables(ask: Ask): Promise<readonly DigestTable[]>;
  /** What holds data beside the tables, as if it were one: compared between two restored copies only, since a manifest of the source has tables. Default: nothing. */
  listOthers?(): readonly DigestTable[];
  /** The least and the greatest value of an integer key; undefined for an empty table, or one without such a key. */
  readKeys(ask: Ask, table: DigestTable): Promise<{ readonly min: bigint; readonly max: bigint } | undefined>;
  /** One row for each bucket that holds rows; without a range at most one. */
  digest(ask: Ask, table: DigestTable, range: KeyRange | undefined): Promise<readonly DigestRow[]>;
}

/** What `firedrill fingerprint` connects to. */
export interface DatabaseAddress {
  readonly url: URL;
  /** In place of the one in the URL. */
  readonly password: string | undefined;
  /** An exported snapshot to read in. */
  readonly snapshot: string | undefined;
  /** How many sessions read in parallel, all in one snapshot. */
  readonly sessions: number;
}

/** Sessions on a running database that only read, all in one snapshot. */
export interface SourceDatabase extends AsyncDisposable {
  readonly database: string;
  readonly serverVersion: string;
  readonly hasher: TableHasher;
  readonly sessions: readonly Ask[];
}
