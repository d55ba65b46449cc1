const SYSTEM_DATABASES = new Set(['postgres', 'template0', 'template1']);

/** What a load did with databases. */
export interface LoadedDatabases {
  /** All that it connected to. */
  readonly loaded: readonly string[];
  /** Those that the dump creates. */
  readonly created: ReadonlySet<string>;
  /** How many bytes of rows went into a database. */
  readonly bytesOf: (database: string) => number;
}

/** @returns the database that checks run in when the drill names none: of those that the dump creates the one with the most data; and what to say of the choice. */
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
