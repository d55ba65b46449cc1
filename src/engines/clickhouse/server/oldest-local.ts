/** The oldest version whose `clickhouse-local` stores tables and restores backups. */
export const OLDEST_LOCAL = '22.8';
