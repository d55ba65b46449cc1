import { expect, it } from 'vitest';
import { describeCut, describeMissing } from '../../../../src/engines/postgres/recovery/find-missing-files.ts';

it.each([
  [
    1,
    ['public.orders'],
    '1 table or index has a missing or emptied file in shop: public.orders; a part of the backup is missing, or lacks the file',
  ],
  [
    1200,
    ['public.a', 'public.b', 'public.c'],
    '1,200 tables and indexes each have a missing or emptied file in shop: public.a, public.b, public.c and 1,197 more; a part of the backup is missing, or lacks the file',
  ],
])('%i lost files are reported with their tables', (count, names, sentence) => {
  expect(describeMissing({ database: 'shop', count, names })).toBe(sentence);
});

it('tables that may have lost their end are reported too', () => {
  expect(describeCut({ database: 'shop', count: 2, names: ['public.a', 'public.b'] })).toBe(
    '2 tables and indexes end with a full file in shop: public.a, public.b; what follows in the next file is not there, as when the last volume of a tablespace is missing',
  );
});
