import { expect, it } from 'vitest';
import type { OpenedRepository } from '../../../../../src/engines/postgres/formats/pgbackrest/opened-repository.ts';
import { withLog } from '../../../../../src/engines/postgres/formats/pgbackrest/provision-pgbackrest.ts';

const [START, STOP, LATER] = ['3', '4', '5'].map((digit) => `00000001000000000000000${digit}`) as [
  string,
  string,
  string,
];

const opened = (holdsLog: boolean, segments: readonly string[]) =>
  ({
    backup: { start: { segment: START, lsn: '0/3000028' }, stopSegment: STOP, holdsLog },
    log: { description: 'the archive', files: segments.map((name) => ({ key: `a/17-1/${name}-ab`, sizeBytes: 1 })) },
  }) as unknown as Pick<OpenedRepository, 'log' | 'backup'>;
const keysFor = (holdsLog: boolean, ...segments: readonly string[]) =>
  withLog(undefined, opened(holdsLog, segments)).log?.files.map(({ key }) => key.slice(7, 31));

it('a recovery to the end of the backup uses only the segments that it needs', () => {
  expect(keysFor(false, START, STOP, LATER)).toEqual([START, STOP]);
  expect(keysFor(true, START, STOP, LATER)).toEqual([START, STOP]);
});

it.each([[[]], [[LATER]], [[STOP, LATER]], [[START]]])(
  'a backup with its own log needs no archive that contains only %j',
  (segments) => {
    expect(keysFor(true, ...segments)).toBeUndefined();
  },
);

it('a recovery beyond the backup uses the archive, even if the backup includes its own log', () => {
  const recovery = { target: { kind: 'latest' as const }, log: undefined };
  expect(withLog(recovery, opened(true, [LATER])).log?.files).toHaveLength(1);
});
