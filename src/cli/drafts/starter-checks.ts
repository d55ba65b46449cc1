import { ENGINE_DESCRIPTORS, type EngineType } from '../../engines/registry.ts';
import { requireSql } from '../../engines/require-sql.ts';
import { DrillError } from '../../support/errors.ts';
import type { CheckDraft } from '../../verify/propose/drafts.ts';

/**
 * A check that every backup should pass: that it contains data.
 * @throws DrillError `usage` for an engine whose drills must be written by hand.
 */
export function starterCheck(engine: EngineType): CheckDraft {
  const { title, starterCheck: own, sql } = ENGINE_DESCRIPTORS[engine];
  if (own) return own;
  if (!sql) {
    throw new DrillError('usage', `a drill of ${title} cannot be drafted: only you know how its backups are restored`, {
      hint: 'Copy the example in docs/exec.md, fill in `engine.steps`, and run `firedrill validate`.',
    });
  }
  return { name: 'tables are there', sql: starterOf(engine).tableCount, expect: { min: 1 } };
}

/** @param table as typed by the user, with or without its schema. @throws DrillError `usage` for a product without tables. */
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
