import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { adviseOn } from '../../../src/verify/prove/advise.ts';
import type { CopyDescription } from '../../../src/verify/prove/describe-copy.ts';

const TAKEN_AT = new Date('2026-11-21T03:00:00Z');
const hoursBefore = (hours: number) => TAKEN_AT.getTime() - hours * 3_600_000;

function table(name: string, rows: number, hash = '00'): CopyDescription['tables'][number] {
  return { name, columns: [['id', 'int']], rows: String(rows), hash, filled: {} };
}

const WHOLE: CopyDescription = {
  tables: [table('public.a', 10), table('public.b', 0)],
  schema: 'schema',
  sequences: '[]',
  files: '',
  newest: new Map([
    ['a.at', hoursBefore(1)],
    ['a.born', hoursBefore(900)],
  ]),
};

const adviceOn = (copy: Partial<CopyDescription>, mayBeStale = false) => {
  const advice = adviseOn({ ...WHOLE, ...copy }, WHOLE, { takenAt: TAKEN_AT, mayBeStale });
  return advice === undefined ? undefined : (parse(advice) as unknown[])[0];
};

it.each<readonly [what: string, copy: Partial<CopyDescription>, mayBeStale: boolean, advice: unknown]>([
  ['a table that is missing', { tables: [] }, false, { tables: ['public.a'] }],
  ['a table that is empty', { tables: [table('public.a', 0)] }, true, { tables: ['public.a'] }],
  ['another value', { tables: [table('public.a', 10, 'ff'), table('public.b', 0)] }, false, { fingerprint: {} }],
  ['another schema', { schema: 'other' }, false, { schema: 'locked' }],
  ['a sequence that fell back', { sequences: '[["public","a_id","1"]]' }, false, { integrity: ['sequences'] }],
  [
    'older data',
    { newest: new Map([['a.at', hoursBefore(25)]]), tables: [table('public.a', 9)] },
    true,
    { freshness: 'a.at', within: '18h' },
  ],
  [
    'data that is only minutes older',
    { newest: new Map([['a.at', hoursBefore(1.1)]]), tables: [table('public.a', 9)] },
    true,
    { fingerprint: {} },
  ],
])('names the simplest check that detects %s', (_, copy, mayBeStale, advice) => {
  expect(adviceOn(copy, mayBeStale)).toMatchObject(advice as object);
});

it('names no check when nothing differs', () => {
  expect(adviceOn({}, true)).toBeUndefined();
});
