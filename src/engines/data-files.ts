/** What of a database can be verified apart: a table, an index. */
export interface StoredObject {
  readonly kind: 'table' | 'index';
  /** For people: `public.orders`, `orders_pkey of public.orders`. */
  readonly name: string;
  /** By which a drill may leave it out: its own, and its table’s, with their schema and without. */
  readonly names: readonly string[];
  /** A query for a session of checks: each row's first column is a damage in words, without values; it throws `wrong-data` where the object cannot be read. */
  readonly query: string;
  /** That the order of its text is another one in this sandbox than where it was made, so that a finding about it may be no damage. */
  readonly isSortedElsewhere: boolean;
}

/** Objects that sessions of checks may verify, until it is disposed of. */
export interface StoredObjects extends AsyncDisposable {
  readonly objects: readonly StoredObject[];
}

export interface PageChecksums {
  readonly pages: number;
  /** Pages that do not have their checksum, in words: `page 5 of base/16384/16388`. At most 50 are named. */
  readonly bad: readonly string[];
  readonly badCount: number;
}

/** Why something cannot be verified here, to follow a colon: `the image has no amcheck`. */
export interface NotVerifiable {
  readonly reason: string;
  /** What to do about it; undefined: nothing in this sandbox. */
  readonly hint: string | undefined;
}

/**
 * Looks for damage in the data files of a restored server. It proves something where the files are those of the backup, not where the restore
 * has written each of them anew.
 */
export interface DataFiles {
  /**
   * Every table and index of a database, the server's own included, with a query that verifies its structure. Missing where the product has a statement
   * for that instead.
   * @throws what a session throws.
   */
  openObjects?(database: string, signal: AbortSignal): Promise<StoredObjects | NotVerifiable>;
  /**
   * Reads every page of all databases and compares it with its checksum. The server is stopped meanwhile, so no session may be open, and runs again
   * when this returns or throws, unless `run` has aborted.
   * @throws DrillError `server-failed`, or the signal's reason.
   */
  verifyChecksums(signals: {
    readonly signal: AbortSignal;
    readonly run: AbortSignal;
  }): Promise<PageChecksums | NotVerifiable>;
}
