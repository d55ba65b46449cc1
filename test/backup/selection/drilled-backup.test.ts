import { describe, expect, test } from 'vitest';
import { hasDrilled, identityOf, mayHaveDrilled } from '../../../src/backup/selection/drilled-backup.ts';
import type { BackupRecord, RunRecord } from '../../../src/record/run-record.ts';
import type { SeenBackup } from '../../../src/record/schedule-store.ts';
import { factOf } from '../../support/memory-reports.ts';
import { failedRun, passedRun, runningRun } from '../../support/run-records.ts';

const TAKEN = new Date('2026-11-21T03:00:00Z');
const LATER = new Date('2026-11-21T09:00:00Z');
const OBJECT = { key: 'orders.dump', etag: '"abc"', sizeBytes: 4096 };

/** What a poll finds: one object, unless parts are given. */
function seen(changes: Partial<typeof OBJECT> = {}, takenAt = TAKEN): SeenBackup {
  const object = { ...OBJECT, ...changes };
  return { key: object.key, sizeBytes: object.sizeBytes, identity: identityOf([object]), takenAt, seenAt: LATER };
}

function drilled(changes: Partial<BackupRecord> = {}, run: Partial<RunRecord> = {}): RunRecord {
  const { backup } = passedRun();
  if (!backup) throw new Error('a run that passed has a backup');
  return passedRun({ backup: { ...backup, ...OBJECT, takenAt: TAKEN, ...changes }, ...run });
}

test.each<[string, boolean, RunRecord, SeenBackup]>([
  ['the same object', true, drilled(), seen()],
  ['other bytes under the same key', false, drilled(), seen({ etag: '"def"' })],
  ['another size under the same key', false, drilled(), seen({ sizeBytes: 4097 })],
  ['the same bytes, stored again later', true, drilled(), seen({}, LATER)],
  ['the same bytes under another key', false, drilled(), seen({ key: 'orders-2.dump' })],
  ['other bytes of the same size and time', false, drilled({ etag: '"def"' }), seen()],
  ['a run that failed on it', true, drilled({}, { verdict: 'failed' }), seen()],
  ['a run that errored on it', false, drilled({}, { status: 'errored', verdict: undefined }), seen()],
  ['a run of it that was canceled', false, drilled({}, { status: 'interrupted', verdict: undefined }), seen()],
  ['a run of it in progress', false, drilled({}, { status: 'running', verdict: undefined }), seen()],
  ['a run that found no backup', false, failedRun({ backup: undefined }), seen()],
])('whether a run has drilled a backup of one object: %s', (_title, expected, run, backup) => {
  expect(hasDrilled(run, backup)).toBe(expected);
  if (expected) expect(mayHaveDrilled(factOf(run), backup)).toBe(true);
});

describe('whether a run has drilled a directory backup, for which it records no etag', () => {
  const key = 'orders/2026-11-21/';
  const parts = ['toc.dat', '1.dat.gz'].map((name) => ({ key: `${key}${name}`, etag: `"${name}"`, sizeBytes: 2048 }));
  const directory = { key, sizeBytes: 4096, identity: identityOf(parts), takenAt: TAKEN, seenAt: LATER };
  const run = (changes: Partial<BackupRecord> = {}) => drilled({ key, etag: undefined, ...changes });

  test.each<[string, boolean, RunRecord]>([
    ['the same directory', true, run()],
    ['another size', false, run({ sizeBytes: 4000 })],
    ['another time', false, run({ takenAt: LATER })],
    ['another directory', false, run({ key: 'orders/2026-11-20/' })],
    ['a run of an object under its key', false, drilled({ key })],
  ])('%s', (_title, expected, one) => expect(hasDrilled(one, directory)).toBe(expected));
});

test('the identity of a backup does not depend on the order of its objects', () => {
  const other = { ...OBJECT, key: 'b' };
  expect(identityOf([OBJECT, other])).toBe(identityOf([other, OBJECT]));
  expect(identityOf([OBJECT])).not.toBe(identityOf([other]));
});

test('facts never rule out a run by data that they lack, and always rule out one without a verdict', () => {
  expect(mayHaveDrilled(factOf(drilled({ etag: '"def"' })), seen())).toBe(true);
  expect(mayHaveDrilled(factOf(drilled({ sizeBytes: 1 })), seen())).toBe(false);
  expect(mayHaveDrilled(factOf(runningRun({ status: 'errored' })), seen())).toBe(false);
});
