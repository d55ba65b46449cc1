import { expect, it } from 'vitest';
import { withoutGrantor } from '../../../../src/engines/postgres/server/dump-names.ts';

it.each([
  ['GRANT a TO b GRANTED BY postgres', 'GRANT a TO b'],
  [
    'GRANT a TO b WITH ADMIN OPTION, INHERIT TRUE GRANTED BY "odd ""role"" é"',
    'GRANT a TO b WITH ADMIN OPTION, INHERIT TRUE',
  ],
  ['REVOKE a FROM b\n  granted by cloudsqlsuperuser ', 'REVOKE a FROM b'],
])('strips the grantor from %j', (statement, rest) => {
  expect(withoutGrantor(Buffer.from(statement))?.toString()).toBe(rest);
});

it.each(['GRANT a TO b', 'GRANT a TO "b GRANTED BY c"', 'GRANT SELECT ON t TO b WITH GRANT OPTION'])(
  'finds no grantor in %j',
  (statement) => {
    expect(withoutGrantor(Buffer.from(statement))).toBeUndefined();
  },
);
