import { expect, it } from 'vitest';
import { describeLosses } from '../../../../src/engines/postgres/recovery/find-losses.ts';

const NONE = { prepared: 0, unlogged: 0, names: [], collations: null, subscriptions: 0, eventTriggers: 0 };

it('reports nothing for a copy that is complete', () => {
  expect(describeLosses(NONE, 0)).toEqual([]);
});

it('reports what is missing from a recovered copy and what does not run in it', () => {
  const names = ['public.a', 'public.b', 'public.\u001bc'];
  const found = { ...NONE, prepared: 2, unlogged: 1204, names, subscriptions: 1, eventTriggers: 3 };
  expect(describeLosses({ ...found, collations: '2.36 of the collations, and the sandbox has 2.41' }, 1)).toEqual([
    '2 prepared transactions are still open: the rows are not visible, and the locks are held',
    '1,204 unlogged tables are empty, as after any recovery from files: public.a, public.b, public.\\u001bc and 1,201 more',
    'text was sorted by version 2.36 of the collations, and the sandbox has 2.41: indexes on text may not find every row; use an image of the backed-up server’s operating system',
    '1 subscription is switched off in the copy',
    '1 pg_cron job is switched off in the copy',
    '3 event triggers are switched off in the copy',
  ]);
});
