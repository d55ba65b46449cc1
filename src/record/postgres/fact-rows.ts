import type { PoolClient } from 'pg';
import type { FactRows, Row } from '../facts/fact-names.ts';
import { buildFactQueries, type FactQuery } from '../facts/fact-queries.ts';

const FACT_QUERIES = buildFactQueries({
  least: 'least',
  greatest: 'greatest',
  indexedBy: () => '',
  recent: (columns) => `select ${columns} from fact_drill cross join lateral (
      select * from run_fact where drill_id = fact_drill.id order by started_ms desc, seq desc limit :perDrill
    ) as newest order by fact_drill.name, started_ms, seq`,
});

/** Reads on the connection, within its current transaction. */
export function createFactRows(client: Pick<PoolClient, 'query'>): FactRows {
  return async (query, values) => {
    const { text, names } = numberParameters(FACT_QUERIES[query as FactQuery]);
    const result = await client.query({ text, values: names.map((name) => values[name]), rowMode: 'array' });
    return result.rows as Row[];
  };
}

/** `:name` → `$1` */
function numberParameters(sql: string): { readonly text: string; readonly names: readonly string[] } {
  const names: string[] = [];
  const text = sql.replace(/(?<!:):([a-z]+)/gi, (_, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return { text, names };
}
