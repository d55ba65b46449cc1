/** The smallest part of a database that can be verified on its own: a table, an index. */
export interface StoredObject {
  readonly kind: 'table' | 'index';
  /** Human-readable: `public.orders`, `orders_pkey of public.orders`. */
  readonly name: string;
  /** Names that a drill can exclude it by: its own and its table’s, each with and without the schema. */
  readonly names: readonly string[];
  /** Query for a check session: the first column of each row describes one damage, without values; it throws `wrong-data` if the object cannot be read. */
  readonly query: string;
  /** Whether text sorts differently in this sandbox than where the object was built, so that a finding about it may not be damage. */
  readonly isSortedElsewhere: boolean;
}

/** Objects that check sessions can verify, until it is disposed of. */
export interface StoredObjects extends AsyncDisposable {
  readonly objects: readonly StoredObject[];
}

export interface PageChecksums {
  readonly pages: number;
  /** Pages whose checksum does not match: `page 5 of base/16384/16388`. At most 50 are named. */
  readonly bad: readonly string[];
  readonly badCount: number;
}

/** Why something cannot be verified here; follows a colon: `the image has no amcheck`. */
export interface NotVerifiable {
  readonly reason: string;
  /** How to fix it; undefined if that is impossible in this sandbox. */
  readonly hint: string | undefined;
}

/**
 * Looks for damage in the data files of a restored server. Proves something only if the files come from the backup, not if the restore has written each of them
 * anew.
 */
export interface DataFiles {
  /**
   * Every table and index of a database, including the server's own, each with a query that verifies its structure. Missing if the product has a statement for
   * that instead.
   * @throws what a session throws.
   */
  openObjects?(database: string, signal: AbortSignal): Promise<StoredObjects | NotVerifiable>;
  /**
   * Reads every page of all databases and verifies its checksum. The server is stopped meanwhile, so no session may be open, and is running again when this
   * returns or throws, unless `run` has aborted.
   * @throws DrillError `server-failed`, or the signal's reason.
   */
  verifyChecksums(signals: {
    readonly signal: AbortSignal;
    readonly run: AbortSignal;
  }): Promise<PageChecksums | NotVerifiable>;
}
