import { expect, it } from 'vitest';
import { describeMissing } from '../../../../src/engines/postgres/recovery/find-missing-files.ts';

it.each([
  [
    1,
    ['public.orders'],
    '1 table or index has lost files in shop: public.orders; a tar of the backup is missing, or lacks them',
  ],
  [
    1200,
    ['public.a', 'public.b', 'public.c'],
    '1,200 tables and indexes have lost files in shop: public.a, public.b, public.c and 1,197 more; a tar of the backup is missing, or lacks them',
  ],
])('%i lost files are told with their tables', (count, names, sentence) => {
  expect(describeMissing({ database: 'shop', count, names })).toBe(sentence);
});
