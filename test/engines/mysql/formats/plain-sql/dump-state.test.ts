import { describe, expect, it } from 'vitest';
import { DumpState } from '../../../../../src/engines/mysql/formats/plain-sql/dump-state.ts';
import { classify } from '../../../../../src/engines/mysql/sql/statement-kind.ts';

/** @returns whether the last statement may be skipped after the others. */
function isNeedless(...statements: readonly string[]): boolean {
  const state = new DumpState(true, new Set());
  state.enter('shop');
  for (const sql of statements.slice(0, -1)) state.note(classify(sql), sql, true);
  return state.isNeedless(classify(statements.at(-1) ?? ''));
}

describe('disabling keys', () => {
  it.each<[boolean, ...string[]]>([
    [true, 'CREATE TABLE `a` (`id` int) ENGINE=InnoDB', 'ALTER TABLE `a` DISABLE KEYS'],
    [true, 'CREATE TABLE `a` (`id` int)', 'ALTER TABLE `shop`.`a` ENABLE KEYS'],
    [false, 'CREATE TABLE `a` (`id` int) ENGINE=MyISAM', 'ALTER TABLE `a` DISABLE KEYS'],
    [false, 'CREATE TABLE `b` (`id` int)', 'ALTER TABLE `a` DISABLE KEYS'],
    [false, 'CREATE TABLE `other`.`a` (`id` int)', 'ALTER TABLE `a` DISABLE KEYS'],
    [false, 'CREATE TABLE `a` (`id` int)', 'USE `other`', 'ALTER TABLE `a` ENABLE KEYS'],
  ])('may be skipped (%s) when the dump created the table: %s; %s', (expected, ...statements) => {
    expect(isNeedless(...statements)).toBe(expected);
  });
});
