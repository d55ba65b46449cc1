import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { ChoiceRule } from '../../../src/backup/selection/choice-rule.ts';
import { leaveOutRunning } from '../../../src/backup/selection/leave-out-running.ts';
import type { BackupSource } from '../../../src/backup/source.ts';
import { barmanCloud } from '../../../src/engines/postgres/formats/barman-cloud/descriptor.ts';

const NOW = new Date('2026-11-28T12:00:00Z');
const never = new AbortController().signal;

function look(statuses: Readonly<Record<string, string>>, select: ChoiceRule['select'] = { by: 'latest' }) {
  const files = Object.fromEntries(
    Object.entries(statuses).map(([id, status]) => [`base/${id}/backup.info`, `begin_wal=1\nstatus=${status}\n`]),
  );
  const reads: string[] = [];
  const source = {
    read: async ({ key }) => {
      reads.push(key);
      return Readable.from([Buffer.from(files[key] ?? '')]);
    },
  } satisfies Partial<BackupSource> as unknown as BackupSource;
  const objects = Object.entries(files).map(([key, { length }]) => ({
    key,
    sizeBytes: length,
    modifiedAt: new Date(0),
    etag: key,
  }));
  const rule: ChoiceRule = {
    where: '/backups',
    prefix: '',
    match: 'base/*',
    layouts: [barmanCloud.layout ?? []].flat(),
    select,
    takenAt: 'name',
    seed: '',
  };
  return leaveOutRunning(objects, rule, { source, now: NOW, signal: never }).then(({ objects, warnings }) => ({
    left: objects.map(({ key }) => key.split('/')[1]),
    warnings,
    reads: reads.length,
  }));
}

const [OLD, NEW, NEWEST] = ['20261126T030000', '20261127T030000', '20261128T030000'];

it('a backup that is still being taken is left out in favour of the one before it, with a warning', async () => {
  expect(await look({ [OLD]: 'STARTED', [NEW]: 'DONE', [NEWEST]: 'STARTED' })).toEqual({
    left: [OLD, NEW],
    warnings: [expect.stringMatching(/^base\/20261128T030000\/ was left out: .* still being taken/)],
    reads: 2,
  });
});

it.each(['DONE', 'FAILED', 'WAITING_FOR_WALS'])('a backup that is %s is not left out', async (status) => {
  expect(await look({ [OLD]: 'DONE', [NEW]: status })).toEqual({ left: [OLD, NEW], warnings: [], reads: 1 });
});

it('neither the only backup nor one that is named is left out', async () => {
  expect(await look({ [NEW]: 'STARTED' })).toMatchObject({ left: [NEW], warnings: [] });
  expect(await look({ [OLD]: 'DONE', [NEW]: 'STARTED' }, { by: 'key', key: NEW })).toEqual({
    left: [OLD, NEW],
    warnings: [],
    reads: 0,
  });
});
