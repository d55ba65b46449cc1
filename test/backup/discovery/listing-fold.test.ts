import { expect, test } from 'vitest';
import { ListingFold } from '../../../src/backup/discovery/listing-fold.ts';
import { groupSeries } from '../../../src/backup/discovery/series.ts';
import type { StoredObject } from '../../../src/backup/source.ts';

const NOW = new Date('2026-11-28T12:00:00Z');
const DAY_MS = 86_400_000;
const LAYOUT = { mark: 'toc.dat', begun: /^\d+\.dat$/, member: /^(?:toc|\d+)\.dat$/ };

function stored(key: string, daysAgo = 0): StoredObject {
  return { key, sizeBytes: 9, modifiedAt: new Date(NOW.getTime() - daysAgo * DAY_MS), etag: key };
}

function day(daysAgo: number): string {
  return new Date(NOW.getTime() - daysAgo * DAY_MS).toISOString().slice(0, 10);
}

function group(fold: ListingFold) {
  return groupSeries(fold, { prefix: '', layouts: [LAYOUT], now: NOW });
}

test('counts all keys while holding a bounded part of them, and knows the newest of each series', () => {
  const fold = new ListingFold('', NOW, { perSeries: 20, perBackup: 100, total: 1000 });
  for (let tenant = 0; tenant < 50; tenant += 1)
    for (let age = 199; age >= 0; age -= 1) fold.add(stored(`t${tenant}/db-${day(age)}.dump`, age));
  expect(fold.count).toBe(10_000);
  expect(fold.objects.length).toBeLessThan(2000);
  const series = group(fold);
  expect(series).toHaveLength(50);
  expect(new Set(series.map(({ count }) => count))).toEqual(new Set([200]));
  expect(new Set(series.map(({ intervalMs }) => intervalMs))).toEqual(new Set([DAY_MS]));
  expect(series.every(({ newest }) => newest.key.endsWith(`${day(0)}.dump`))).toBe(true);
});

test('holds the newest of many directory dumps in full', () => {
  const fold = new ListingFold('', NOW, { perSeries: 4, perBackup: 100, total: 10_000 });
  for (let age = 30; age >= 0; age -= 1)
    for (const file of [...Array.from({ length: 50 }, (_, n) => `${3000 + n}.dat`), 'toc.dat'])
      fold.add(stored(`db-${day(age)}/${file}`, age));
  expect(group(fold)).toMatchObject([{ match: 'db-*', count: 31, isCut: false, newest: { objects: { length: 51 } } }]);
});

test('reports a backup with more files than it holds as cut', () => {
  const fold = new ListingFold('', NOW, { perSeries: 4, perBackup: 10, total: 10_000 });
  for (const file of [...Array.from({ length: 50 }, (_, n) => `${3000 + n}.dat`), 'toc.dat'])
    fold.add(stored(`db-${day(0)}/${file}`));
  expect(group(fold)).toMatchObject([{ isCut: true }]);
});

test('joins thousands of random names, and keeps dated and recurring names apart', () => {
  const fold = new ListingFold('', NOW);
  const names = Array.from({ length: 3000 }, (_, n) => `uploads/x${n.toString(36)}y.jpg`);
  const tenants = Array.from({ length: 300 }, (_, n) => `tenant${n}.sql.gz`);
  for (const name of names) fold.add(stored(name));
  for (const age of [1, 0]) for (const name of tenants) fold.add(stored(`${day(age)}/${name}`, age));
  const series = group(fold);
  expect(series.find(({ match }) => match === 'uploads/*.jpg')).toMatchObject({ count: 3000, isJoined: true });
  expect(series.filter(({ match }) => match.startsWith('*/tenant'))).toHaveLength(300);
  expect(series).toHaveLength(301);
});

test('resumes from its saved state as if it had never stopped', () => {
  const limits = { perSeries: 4, perBackup: 60, total: 500 };
  const objects = Array.from({ length: 2000 }, (_, n) => stored(`app${n % 7}/db-${day(n % 300)}.dump`, n % 300));
  const whole = new ListingFold('', NOW, limits);
  for (const one of objects) whole.add(one);
  const first = new ListingFold('', NOW, limits);
  for (const one of objects.slice(0, 1100)) first.add(one);
  const saved = JSON.parse(JSON.stringify(first.save()));
  const second = ListingFold.resume('', NOW, saved, limits);
  for (const one of objects.slice(1100)) second.add(one);
  expect(second.after).toBe(objects.at(-1)?.key);
  const facts = (fold: ListingFold) => group(fold).map(({ match, count, newest }) => [match, count, newest.key]);
  expect(facts(second)).toEqual(facts(whole));
});
