import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { FactRows, Row } from '../facts/fact-names.ts';
import { buildFactQueries } from '../facts/fact-queries.ts';

/** Names the index, because without statistics SQLite would scan all of a drill's runs for the few that failed. */
export const FACT_QUERIES = buildFactQueries({
  least: 'min',
  greatest: 'max',
  indexedBy: (index) => `indexed by ${index}`,
  // One lookup per drill finds where its newest runs start.
  recent: (
    columns,
  ) => `select ${columns} from fact_drill join run_fact on drill_id = fact_drill.id and started_ms >= coalesce((
      select edge.started_ms from run_fact as edge where edge.drill_id = fact_drill.id
      order by edge.started_ms desc, edge.seq desc limit 1 offset :perDrill - 1), -9e15)
    order by fact_drill.name, started_ms, seq`,
});

/** Reads on the connection, within its current transaction. */
export function createFactRows(database: DatabaseSync): FactRows {
  const statements = new Map<string, StatementSync>();
  return async (query, values) => {
    let statement = statements.get(query);
    if (!statement) {
      statement = database.prepare(FACT_QUERIES[query]);
      statement.setReturnArrays(true);
      statements.set(query, statement);
    }
    // node:sqlite's types do not reflect that rows are arrays now.
    return statement.all(values) as unknown as Row[];
  };
}
