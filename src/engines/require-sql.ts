import { DrillError } from '../support/errors.ts';
import type { Server } from './engine.ts';
import type { EngineDescriptor } from './engine-descriptor.ts';
import type { SqlAccess } from './sql-access.ts';
import type { SqlDescriptor } from './sql-descriptor.ts';

/**
 * @param purpose what needs it, to begin the sentence: `firedrill events`.
 * @throws DrillError `usage` for an engine that does not speak SQL.
 */
export function requireSql({ title, sql }: Pick<EngineDescriptor, 'title' | 'sql'>, purpose: string): SqlDescriptor {
  if (sql) return sql;
  throw new DrillError('usage', `${purpose} works with SQL databases, and the drill’s engine is ${title}`);
}

/** @throws DrillError `check-malformed` for a server that does not speak SQL. */
export function requireSqlAccess({ sql }: Pick<Server, 'sql'>): SqlAccess {
  if (sql) return sql;
  throw new DrillError('check-malformed', 'needs a database that speaks SQL, and the restored server does not', {
    hint: 'Write the check as one of a kind that this engine takes; docs/checks.md lists them.',
  });
}
