import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { DigestColumn } from '../../../src/engines/fingerprint.ts';
import { planDamages, type TableState } from '../../../src/verify/prove/plan-damages.ts';

function column(name: string, type: string, nullable = false): DigestColumn {
  return { name, type, nullable, expression: name };
}

function state(rows: number, columns: readonly DigestColumn[], filled: Record<string, number> = {}): TableState {
  const table = { name: 'public.payment', sql: '"public"."payment"', columns, integerKey: undefined, bytes: 1 };
  return { table, key: ['id'], rows, columns, filled: new Map(Object.entries(filled)) };
}

const quoteName = (name: string) => `"${name.replaceAll('"', '""')}"`;
const AMOUNT = column('amount', 'numeric(5,2)');
const NOTE = column('note', 'text', true);

describe('the damages of a table', () => {
  it('range from all rows to a single one, and to values', () => {
    const damages = planDamages(state(16_049, [AMOUNT, NOTE], { note: 40 }), quoteName);
    expect(damages.map(({ words }) => words)).toEqual([
      'public.payment: emptied (16,049 rows)',
      'public.payment: 1 % of its rows lost (160)',
      'public.payment: 0.1 % of its rows lost (16)',
      'public.payment: one row lost',
      'public.payment: note NULL in every row',
      'public.payment: amount swapped between two rows',
    ]);
  });

  it('omit what is impossible for the table', () => {
    expect(planDamages(state(1, [NOTE], { note: 0 }), quoteName).map(({ damage }) => damage.kind)).toEqual(['empty']);
    expect(planDamages(state(300, []), quoteName).map(({ damage }) => damage)).toEqual([
      { kind: 'empty' },
      { kind: 'lose', rows: 3 },
      { kind: 'lose', rows: 1 },
    ]);
  });

  it('include a check to paste, whatever the names', () => {
    const [damage] = planDamages(state(10, [column('no"te: x', 'text', true)], { 'no"te: x': 4 }), quoteName).filter(
      (one) => one.damage.kind === 'null',
    );
    expect(parse(damage?.advice ?? '')).toEqual([
      {
        name: 'no"te: x is filled',
        sql: 'select count("no""te: x") from "public"."payment"',
        expect: { min: 4 },
      },
    ]);
  });
});
