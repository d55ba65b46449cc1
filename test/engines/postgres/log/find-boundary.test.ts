import { expect, it } from 'vitest';
import { readCommit } from '../../../../src/engines/postgres/log/find-boundary.ts';

const line = (tx: number, description: string) =>
  `rmgr: Transaction len (rec/tot):     34/    34, tx: ${String(tx).padStart(10)}, lsn: 0/0301CDD8, prev 0/0301CD98, desc: ${description}`;

it.each([
  ['a commit', line(753, 'COMMIT 2026-11-28 18:15:28.334011 UTC; inval msgs: catcache 21'), '753'],
  ['a prepared one', line(0, 'COMMIT_PREPARED 763: 2026-11-28 18:15:28.334011 UTC; rels: base/1/2'), '763'],
])('reads %s', (_what, text, transaction) => {
  expect(readCommit(text)).toEqual([{ transaction, at: new Date('2026-11-28T18:15:28.334Z'), position: '0/301CDD8' }]);
});

it.each([line(753, 'ABORT 2026-11-28 18:15:28.334011 UTC'), 'pg_waldump: first record is after 0/3', ''])(
  'reads no commit in %j',
  (text) => {
    expect(readCommit(text)).toEqual([]);
  },
);
