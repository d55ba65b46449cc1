import type { Server } from '../engines/engine.ts';
import type { SqlAccess } from '../engines/sql-access.ts';
import { DrillError } from '../support/errors.ts';

/** @throws DrillError `check-malformed` for a server that does not speak SQL. */
export function requireSqlAccess({ sql }: Pick<Server, 'sql'>): SqlAccess {
  if (sql) return sql;
  throw new DrillError('check-malformed', 'needs a database that speaks SQL, and the restored server does not', {
    hint: 'Use a kind of check that this engine supports; docs/checks.md lists them.',
  });
}
