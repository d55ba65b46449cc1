/** A way of reading restored data: offered by an engine, required by a kind of check. */
export type Capability =
  /** Queries. */
  | 'sql'
  /** Metadata from the server's catalog: tables, columns and the schema. */
  | 'catalog'
  /** Keys, foreign keys and sequences that the server maintains. */
  | 'keys'
  /** Row hashes computed in the server. */
  | 'hashes'
  /** Accounts that applications log in with. */
  | 'logins'
  | 'files'
  | 'commands'
  | 'program';

/** Everything that checks can require of a relational database. */
export const RELATIONAL = ['sql', 'catalog', 'keys', 'hashes', 'logins', 'program'] as const satisfies Capability[];
