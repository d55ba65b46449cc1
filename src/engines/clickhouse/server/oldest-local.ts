/** The oldest version whose `clickhouse-local` keeps tables and restores backups. */
export const OLDEST_LOCAL = '22.8';
