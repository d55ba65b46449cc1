import type { QueryResult } from '../../engines/query-result.ts';
import { formatCount } from '../../support/quantities.ts';

/** `no row`, `1 row`, `100 rows or more`: describes a result without its data. */
export function describeRowCount(result: QueryResult): string {
  const count = result.rows.length;
  if (count === 0) return 'no row';
  const words = count === 1 ? '1 row' : `${formatCount(count)} rows`;
  return result.truncated ? `${words} or more` : words;
}
