import { DatabaseSync } from 'node:sqlite';
import type { ReportStore } from '../report-store.ts';
import { FactReader } from './read-facts.ts';

const LOCK_WAIT_MS = 10_000;

/** Facts of a store that another thread has open and has migrated. */
export interface SqliteFacts extends Pick<ReportStore, 'findFacts' | 'findRecoveryTimes' | 'getEdges'>, Disposable {}

/** For a thread that does nothing else: it waits inside SQLite where something is locked. Throws what `node:sqlite` throws. */
export function openSqliteFacts(path: string): SqliteFacts {
  const database = new DatabaseSync(path, { readOnly: true, timeout: LOCK_WAIT_MS, defensive: true });
  const facts = new FactReader(database);
  return {
    findFacts: async (range) => facts.inRange(range),
    findRecoveryTimes: async (range) => facts.recoveryTimes(range),
    getEdges: async (range) => facts.edges(range),
    [Symbol.dispose]: () => database.close(),
  };
}
