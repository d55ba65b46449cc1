import { DrillError } from '../support/errors.ts';
import type { EngineDescriptor } from './engine-descriptor.ts';
import type { SqlDescriptor } from './sql-descriptor.ts';

/**
 * @param purpose what needs SQL; starts the sentence: `firedrill events`.
 * @throws DrillError `usage` for an engine that does not speak SQL.
 */
export function requireSql({ title, sql }: Pick<EngineDescriptor, 'title' | 'sql'>, purpose: string): SqlDescriptor {
  if (sql) return sql;
  throw new DrillError('usage', `${purpose} works with SQL databases, and the drill’s engine is ${title}`);
}
