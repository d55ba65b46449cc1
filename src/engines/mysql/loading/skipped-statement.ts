import type { StatementKind } from '../sql/statement-kind.ts';

/** The warning for each kind of statement that a drill never runs. */
const WORDS: Partial<Record<StatementKind['kind'], string>> = {
  replication: 'replication is left out: a restored copy follows no other server',
  gtid: 'positions of replication (GTIDs) are left out: a restored copy follows no other server',
  globalSetting: 'settings of the whole server are left out: they are not data',
  server: 'servers that federated tables point to are left out: a restored copy reaches no other server',
};
/** Written by mysqldump around the statistics of system tables. */
const SILENT = /\bINNODB_STATS_AUTO_RECALC\b/i;

/** @returns undefined if the statement is to be run; otherwise the warning, which is empty if none is needed. */
export function skippedStatement(kind: StatementKind, text: string): string | undefined {
  const words = WORDS[kind.kind];
  return words !== undefined && SILENT.test(text) ? '' : words;
}
