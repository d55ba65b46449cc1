import { expect, test } from 'vitest';
import { chooseSnapshot, type Snapshot } from '../../../src/engines/files/repository/snapshot.ts';
import { thrownCode } from './thrown-code.ts';

function taken(day: number, host: string, more: Partial<Snapshot> = {}): Snapshot {
  const id = `${host}-${day}`;
  const takenAt = new Date(Date.UTC(2026, 10, day));
  return { id, title: id, takenAt, series: host, names: [id], host, paths: ['/srv'], tags: [], ...more };
}

const ALL = [taken(3, 'web1'), taken(5, 'web1'), taken(4, 'web1', { tags: ['daily'] }), taken(9, 'db1')];

test.each([
  [{ host: 'web1' }, 'web1-5'],
  [{ host: 'web1', tag: 'daily' }, 'web1-4'],
  [{ name: 'web1-3' }, 'web1-3'],
  [{ name: 'web1-*' }, 'web1-5'],
  [{ host: 'db1', path: '/srv' }, 'db1-9'],
])('%j chooses %s', (choice, id) => {
  expect(chooseSnapshot(ALL, choice, 'repo/').id).toBe(id);
});

test('says how many snapshots the chosen one is the newest of', () => {
  expect(chooseSnapshot(ALL, { host: 'web1' }, 'repo/').summary).toBe('web1-5, the newest of 3');
  expect(chooseSnapshot(ALL, { host: 'db1' }, 'repo/').summary).toBe('db1-9');
});

test('refuses to choose the newest backup when there are several hosts', () => {
  expect(thrownCode(() => chooseSnapshot(ALL, {}, 'repo/'))).toBe('backup-ambiguous');
});

test('reports that a backup is missing when the repository is empty or lacks the requested one', () => {
  expect(thrownCode(() => chooseSnapshot([], {}, 'repo/'))).toBe('backup-missing');
  expect(thrownCode(() => chooseSnapshot(ALL, { host: 'web2' }, 'repo/'))).toBe('backup-missing');
});
