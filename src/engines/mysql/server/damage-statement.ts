import type { Damage, DamagedTable } from '../../damage.ts';
import { quoteName } from './quoting.ts';

/** @returns undefined if the table has no key that distinguishes two rows. */
export function damageStatement({ table: { sql }, key }: DamagedTable, damage: Damage): string | undefined {
  if (damage.kind === 'empty') return `DELETE FROM ${sql}`;
  if (damage.kind === 'lose') return `DELETE FROM ${sql} ORDER BY RAND(1) LIMIT ${damage.rows}`;
  const column = quoteName(damage.column);
  if (damage.kind === 'null') return `UPDATE ${sql} SET ${column} = NULL WHERE ${column} IS NOT NULL`;
  if (key.length === 0) return undefined;
  const keys = key.map(quoteName).join(', ');
  const first = `SELECT ${keys}, ${column} AS swapped_value FROM ${sql} WHERE ${column} IS NOT NULL ORDER BY ${keys} LIMIT 1`;
  const value = `SELECT ${column} FROM ${sql} WHERE ${column} IS NOT NULL ORDER BY ${keys} LIMIT 1`;
  const second = `SELECT ${keys}, ${column} AS swapped_value FROM ${sql} WHERE ${column} <> (${value}) ORDER BY ${keys} LIMIT 1`;
  const names = key.map(quoteName);
  const pick = (from: string, other: string) =>
    `SELECT ${names.map((name) => `${from}.${name}`).join(', ')}, ${other}.swapped_value FROM (${first}) AS one CROSS JOIN (${second}) AS two`;
  const swapped = `${pick('one', 'two')} UNION ALL ${pick('two', 'one')}`;
  const same = names.map((name) => `t.${name} = swapped.${name}`).join(' AND ');
  return `UPDATE ${sql} AS t JOIN (${swapped}) AS swapped ON ${same} SET t.${column} = swapped.swapped_value`;
}
