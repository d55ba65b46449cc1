/** A way in which restored data is read: what an engine offers, and what a kind of check needs. */
export type Capability =
  /** Queries. */
  | 'sql'
  /** What the server's catalog says of tables, columns and the schema. */
  | 'catalog'
  /** Keys, references and sequences that the server keeps. */
  | 'keys'
  /** Rows hashed in the server. */
  | 'hashes'
  /** Accounts with which applications log in. */
  | 'logins'
  | 'files'
  | 'commands'
  | 'program';

/** All that checks can ask of a relational database. */
export const RELATIONAL = ['sql', 'catalog', 'keys', 'hashes', 'logins', 'program'] as const satisfies Capability[];
