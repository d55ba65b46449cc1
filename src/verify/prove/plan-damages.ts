import type { Damage, DamagedTable } from '../../engines/damage.ts';
import type { DigestColumn } from '../../engines/fingerprint.ts';
import { formatCount } from '../../support/quantities.ts';
import { FINGERPRINT_ADVICE, quote } from './advise.ts';

/** One trial: what is damaged, and its description. */
export interface PlannedDamage {
  readonly damage: Damage;
  /** `payment: 1 % of its rows lost (160)` */
  readonly words: string;
  /** A check that would catch it, to paste. */
  readonly advice: string;
}

export interface TableState extends DamagedTable {
  readonly rows: number;
  /** Columns that may be damaged: those in no unique key. */
  readonly columns: readonly DigestColumn[];
  /** Number of values that are not NULL, by nullable column. */
  readonly filled: ReadonlyMap<string, number>;
}

/** Text and numbers: every product can compare and swap their values. */
const SWAPPABLE =
  /^(?:character|varchar|char|text|citext|numeric|decimal|integer|bigint|smallint|int|date|timestamp|datetime)/i;

/**
 * The kinds of damage for one table, from the coarsest to the finest. Those that do not apply are left out: no nullable column, no second row.
 * @param quoteName quotes a name in SQL as the table's product does
 */
export function planDamages(
  { table, rows, columns, filled }: TableState,
  quoteName: (name: string) => string,
): readonly PlannedDamage[] {
  const { name } = table;
  const lost = [0.01, 0.001].map((share) => ({ share, count: Math.round(rows * share) }));
  const nullable = columns.find((column) => column.nullable && (filled.get(column.name) ?? 0) > 0);
  const swapped = columns.find(({ type }) => SWAPPABLE.test(type)) ?? columns[0];
  const isLost = (count: number, words: string): PlannedDamage => ({
    damage: { kind: 'lose', rows: count },
    words: `${name}: ${words}`,
    advice: FINGERPRINT_ADVICE,
  });
  return [
    {
      damage: { kind: 'empty' },
      words: `${name}: emptied (${formatCount(rows)} rows)`,
      advice: `- { name: ${quote(`${name} holds its rows`)}, tables: [${quote(name)}] }`,
    },
    ...lost
      .filter(({ count }) => count > 1)
      .map(({ share, count }) => isLost(count, `${share * 100} % of its rows lost (${formatCount(count)})`)),
    ...(rows > 1 ? [isLost(1, 'one row lost')] : []),
    ...(nullable
      ? [
          {
            damage: { kind: 'null', column: nullable.name } as const,
            words: `${name}: ${nullable.name} NULL in every row`,
            advice: `- { name: ${quote(`${nullable.name} is filled`)}, sql: ${quote(`select count(${quoteName(nullable.name)}) from ${table.sql}`)}, expect: { min: ${filled.get(nullable.name)} } }`,
          },
        ]
      : []),
    ...(swapped && rows > 1
      ? [
          {
            damage: { kind: 'swap', column: swapped.name } as const,
            words: `${name}: ${swapped.name} swapped between two rows`,
            advice: FINGERPRINT_ADVICE,
          },
        ]
      : []),
  ];
}
