import { expect, it } from 'vitest';
import { DumpParts } from '../../../src/engines/sql-dump/dump-parts.ts';
import { LoadErrors } from '../../../src/engines/sql-dump/load-errors.ts';

it.each([
  ['rows without tables', ['insert', 'copy'], [expect.stringContaining('`tool --data-only`')]],
  [
    'tables without rows',
    ['createTable', 'build', 'createTable'],
    [expect.stringMatching(/2 tables.*`tool --schema-only`/)],
  ],
  ['both', ['createTable', 'loadData'], []],
  ['neither, as in a dump of roles', ['ordinary'], []],
  ['keys only', ['ordinary', 'build'], [expect.stringContaining('`tool --section=post-data`')]],
  ['a view and its indexes', ['definition', 'build'], []],
])('warns of missing parts in a dump with %s', (_, kinds, warnings) => {
  const parts = new DumpParts({
    rowsOnly: 'tool --data-only',
    tablesOnly: 'tool --schema-only',
    keysOnly: 'tool --section=post-data',
  });
  for (const kind of kinds) parts.note(kind);
  const errors = new LoadErrors([]);
  parts.warnOfMissing(errors);
  expect(errors.warnings).toEqual(warnings);
});
