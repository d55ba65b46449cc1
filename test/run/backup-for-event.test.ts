import { expect, it } from 'vitest';
import { backupForEvent } from '../../src/run/backup-for-event.ts';

const at = (hour: string) => new Date(`2026-11-28T${hour}:00Z`);
const backups = [
  { key: 'base/3/', takenAt: at('03:00') },
  { key: 'base/2/', takenAt: at('02:00') },
  { key: 'base/1/', takenAt: at('01:00') },
];

it.each([
  ['04:00', { kind: 'latest' }],
  ['02:30', { kind: 'older', key: 'base/2/' }],
  ['02:00', { kind: 'older', key: 'base/1/' }], // it may have happened while the backup was taken
  ['00:30', { kind: 'none' }],
])('recovery to just before an event at %s starts from %j', (hour, expected) => {
  expect(backupForEvent({ at: at(hour) }, backups)).toEqual(expected);
});

it('starts from the latest backup when the time of the event or the backups are unknown', () => {
  expect(backupForEvent({ at: undefined }, backups)).toEqual({ kind: 'latest' });
  expect(backupForEvent({ at: at('00:30') }, undefined)).toEqual({ kind: 'latest' });
  expect(backupForEvent({ at: at('00:30') }, [])).toEqual({ kind: 'none' });
});
