import { describe, expect, it } from 'vitest';
import { successorsOf } from '../../../src/backup/selection/part-numbers.ts';
import { findSplitSets } from '../../../src/backup/selection/split-sets.ts';
import type { StoredObject } from '../../../src/backup/source.ts';

const MIB = 2 ** 20;

function object(key: string, sizeBytes: number): StoredObject {
  return { key, sizeBytes, modifiedAt: new Date(0), etag: key };
}

/** The sets as text: the whole, its parts in order, and what is missing. */
function setsOf(files: Readonly<Record<string, number>>): string[] {
  const sets = findSplitSets(Object.entries(files).map(([key, size]) => object(key, size)));
  return sets.map(({ key, wholeKey, parts, lacks }) => {
    const stem = key.slice(0, -1).length;
    const suffixes = parts.map((part) => part.key.slice(stem)).join(' ');
    return `${key} ${wholeKey}: ${suffixes}${lacks === undefined ? '' : `, lacks ${lacks}`}`;
  });
}

const three = (...names: string[]) => Object.fromEntries(names.map((name, index) => [name, index === 2 ? 5 : MIB]));

describe('the parts of a split file', () => {
  it.each<[Readonly<Record<string, number>>, string]>([
    [{ 'd/o.sql.gz.partab': 3, 'd/o.sql.gz.partaa': 9 }, 'd/o.sql.gz.part* d/o.sql.gz: aa ab'],
    [three('o.dump.part01', 'o.dump.part02', 'o.dump.part03'), 'o.dump.part* o.dump: 01 02 03'],
    [{ 'o.dump.part10': 1, 'o.dump.part9': 9, 'o.dump.part8': 9 }, 'o.dump.part* o.dump: 8 9 10, lacks o.dump.part1'],
    [{ 'o.sql-part-1': 9, 'o.sql-part-2': 2 }, 'o.sql-part-* o.sql: 1 2'],
    [{ 'o.sql.gz.aa': 9, 'o.sql.gz.ab': 9, 'o.sql.gz.ac': 4 }, 'o.sql.gz.* o.sql.gz: aa ab ac'],
    [{ 'o.sql.gz.aa': 9, 'o.sql.gz.ab': 11 }, 'o.sql.gz.* o.sql.gz: aa ab'],
    [{ 'o.sql.gzaa': 9, 'o.sql.gzab': 2 }, 'o.sql.gz* o.sql.gz: aa ab'],
    [{ 'o.7z.002': 4, 'o.7z.001': 9 }, 'o.7z.* o.7z: 001 002'],
    [{ 'o.dump.000': 9, 'o.dump.001': 9, 'o.dump.002': 1 }, 'o.dump.* o.dump: 000 001 002'],
    [{ 'o.dump.00': 9, 'o.dump.01': 9, 'o.dump.02': 11 }, 'o.dump.* o.dump: 00 01 02'],
    [{ 'o.dump.001': MIB, 'o.dump.002': MIB }, 'o.dump.* o.dump: 001 002'],
    [{ 'n/xaa': 9, 'n/xab': 8 }, 'n/x* n/x: aa ab'],
    [{ 'orders-aa': 9, 'orders-ab': 8, 'orders-ac': 9 }, 'orders-* orders: aa ab ac'],
    [{ 'o.part09': 1, 'o.part0a': 1, 'o.part08': 1 }, 'o.part* o: 08 09 0a, lacks o.part00'],
    [{ 'o.zip': 4, 'o.z02': 9, 'o.z01': 9 }, 'o.z* o.zip: 01 02 ip'],
    [{ 'o.sql.aa': 9, 'o.sql.ab': 5, 'o.sql.gz': 5 }, 'o.sql.* o.sql: aa ab'],
    [{ 'shop-aa': 9, 'shop-ab': 5, 'shop-de': 5 }, 'shop-* shop: aa ab'],
  ])('are joined in order: %j', (files, set) => {
    expect(setsOf(files)).toEqual([set]);
  });

  it.each<[Readonly<Record<string, number>>, string]>([
    [{ 'o.gz.partaa': 9, 'o.gz.partac': 2 }, 'o.gz.partab'],
    [{ 'o.gz.partab': 9, 'o.gz.partac': 2 }, 'o.gz.partaa'],
    [{ 'o.gz.partab': 9 }, 'o.gz.partaa'],
    [{ 'o.gz.part2': 9 }, 'o.gz.part1'],
    [{ 'o.sql.gz.ab': 9, 'o.sql.gz.ac': 4 }, 'o.sql.gz.aa'],
    [{ 'o.sql.gz.aa': 9, 'o.sql.gz.ac': 4 }, 'o.sql.gz.ab'],
    [{ 'o.gz.001': 9, 'o.gz.003': 4 }, 'o.gz.002'],
    [{ 'o.gz.002': 9, 'o.gz.003': 9, 'o.gz.004': 4 }, 'o.gz.001'],
    [{ 'o.gz.partaa': 9, 'o.gz.partab': 0, 'o.gz.partac': 2 }, 'o.gz.partab'],
    [{ 'o.z01': 9, 'o.z02': 9 }, 'o.zip'],
    [{ 'o.z02': 9, 'o.zip': 9 }, 'o.z01'],
  ])('are reported with the missing one: %j', (files, lacks) => {
    expect(setsOf(files).map((set) => set.slice(set.indexOf(', ')))).toEqual([`, lacks ${lacks}`]);
  });

  it.each([
    { 'o.sql.gz.partaa': 9 },
    { 'o.sql.gz.part1': 9 },
    { 'o.sql.gz.part': 9 },
    { 'o.sql.gz.partial': 9 },
    { 'o.sql.gz.01': 9, 'o.sql.gz.02': 8, 'o.sql.gz.03': 9 },
    { 'o.sql.gz.001': 8, 'o.sql.gz.002': 19 },
    { 'o.sql.gz.001': 12_345_679, 'o.sql.gz.002': 12_345_679 },
    { 'o-2026-11-20.dump': 9, 'o-2026-11-21.dump': 9 },
    { 'department.sql': 9, 'departures.sql': 9 },
    { 'o.sql.gz': 9, 'o.sql.xz': 8 },
    { 'orders-ab': 9, 'orders-ac': 8 },
    { x: 1, xa: 2, fax: 2 },
    { 'o.sql.1': 9, 'o.sql.2': 3 },
    { 'base.tar.gz': 9, 'pg_wal.tar.gz': 9 },
  ])('are not recognised in %j', (files) => {
    expect(setsOf(files)).toEqual([]);
  });

  it('are grouped by the file that they are parts of', () => {
    const files = { ...three('a.gz.partaa', 'a.gz.partab', 'a.gz.partac'), ...three('b.gz.aa', 'b.gz.ab', 'b.gz.ac') };
    expect(setsOf(files)).toEqual(['a.gz.part* a.gz: aa ab ac', 'b.gz.* b.gz: aa ab ac']);
  });

  it('are numbered as by split(1), even where it lengthens its suffixes', () => {
    expect(successorsOf('letters', 'az')).toEqual(['ba']);
    expect(successorsOf('letters', 'yz')).toEqual(['za', 'zaaa']);
    expect(successorsOf('letters', 'zaaz')).toEqual(['zaba']);
    expect(successorsOf('letters', 'zyzz')).toEqual(['zzaa', 'zzaaaa']);
    expect(successorsOf('digits', '89')).toEqual(['90', '9000']);
    expect(successorsOf('digits', '9899')).toEqual(['9900', '990000']);
    expect(successorsOf('digits', '9')).toEqual(['10']);
    expect(successorsOf('hex', '0f')).toEqual(['10']);
    const letters = [...'abcdefghijklmnopqrstuvwxy'].flatMap((a) =>
      [...'abcdefghijklmnopqrstuvwxyz'].map((b) => a + b),
    );
    const names = [...letters, 'zaaa', 'zaab'].map((suffix) => [`o.gz.part${suffix}`, 9]);
    expect(setsOf(Object.fromEntries(names))[0]).toMatch(/ yz zaaa zaab$/);
  });
});
