const SYSTEM_DATABASES = new Set(['postgres', 'template0', 'template1']);

/** The databases that a load touched. */
export interface LoadedDatabases {
  /** All databases that it connected to. */
  readonly loaded: readonly string[];
  /** Those that the dump creates. */
  readonly created: ReadonlySet<string>;
  /** Bytes of rows loaded into a database. */
  readonly bytesOf: (database: string) => number;
}

/** @returns the database that checks run in if the drill names none: of those that the dump creates, the one with the most data; and a note on the choice. */
export function databaseToCheck({ loaded, created, bytesOf }: LoadedDatabases): {
  readonly database: string;
  readonly warning: string | undefined;
} {
  const own = loaded.filter((name) => created.has(name) && !SYSTEM_DATABASES.has(name));
  const candidates = own.length > 0 ? own : loaded.filter((name) => !SYSTEM_DATABASES.has(name));
  const [database = 'postgres', ...others] = candidates.toSorted((a, b) => bytesOf(b) - bytesOf(a));
  if (others.length > 0) {
    const warning = `the dump holds ${candidates.length} databases; checks go to ${database}, which has the most data (also there: ${others.join(', ')}). Set \`engine.database\` to choose`;
    return { database, warning };
  }
  const isEmpty = candidates.length === 0 && bytesOf(database) === 0;
  return {
    database,
    warning: isEmpty
      ? `the dump holds roles and settings of a cluster and no rows: checks go to database ${database}, which is empty`
      : undefined,
  };
}
