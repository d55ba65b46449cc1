/** The server's own databases, which checks do not query by default. */
export const SYSTEM_DATABASES: ReadonlySet<string> = new Set([
  'mysql',
  'sys',
  'information_schema',
  'performance_schema',
]);
