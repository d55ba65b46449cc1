import { ENGINE_DESCRIPTORS, type EngineType } from '../../engines/registry.ts';
import { requireSql } from '../../engines/require-sql.ts';
import type { CheckDraft } from '../../verify/propose/drafts.ts';

/** A check that every database should pass: it has tables. */
export function starterCheck(engine: EngineType): CheckDraft {
  return { name: 'tables are there', sql: starterOf(engine).tableCount, expect: { min: 1 } };
}

/** @param table as a person writes it, with its schema or without. */
export function tableCheck(engine: EngineType, table: string): CheckDraft {
  const sql = `select count(*) from ${quoteIdentifier(engine, table)}`;
  return { name: `${table} has rows`, sql, expect: { min: 1 } };
}

/** `sales.Order` → `sales."Order"`: quotes parts that the server would otherwise read differently. */
function quoteIdentifier(engine: EngineType, table: string): string {
  const mark = starterOf(engine).identifierQuote;
  const quotePart = (part: string) =>
    /^[a-z_][a-z0-9_]*$/.test(part) && !RESERVED.has(part) ? part : mark + part.replaceAll(mark, mark + mark) + mark;
  return table.split('.').map(quotePart).join('.');
}

function starterOf(engine: EngineType) {
  return requireSql(ENGINE_DESCRIPTORS[engine], 'drafting a check').starter;
}

/** Reserved words that are common table names. */
const RESERVED = new Set([
  'order',
  'user',
  'group',
  'table',
  'check',
  'column',
  'default',
  'end',
  'references',
  'grant',
  'select',
  'key',
  'index',
  'condition',
  'rank',
  'groups',
  'window',
  'range',
  'read',
]);
