import type { Server } from '../engines/engine.ts';
import type { SqlAccess } from '../engines/sql-access.ts';
import { DrillError } from '../support/errors.ts';

/** @throws DrillError `check-malformed` for a server that does not speak SQL. */
export function requireSqlAccess({ sql }: Pick<Server, 'sql'>): SqlAccess {
  if (sql) return sql;
  throw new DrillError('check-malformed', 'needs a database that speaks SQL, and the restored server does not', {
    hint: 'Write the check as one of a kind that this engine takes; docs/checks.md lists them.',
  });
}
