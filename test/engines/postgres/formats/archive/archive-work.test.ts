import { expect, it } from 'vitest';
import type { ArchiveBuild } from '../../../../../src/engines/postgres/formats/archive/archive-builds.ts';
import type { ArchiveToc, TocEntry } from '../../../../../src/engines/postgres/formats/archive/archive-toc.ts';
import { ArchiveWork } from '../../../../../src/engines/postgres/formats/archive/archive-work.ts';

const data = (dumpId: number, tag: string) =>
  ({ dumpId, desc: 'TABLE DATA', tag, namespace: 'public', hasData: true }) as TocEntry;
const TOC = { entries: [data(1, 'orders'), data(2, 'customers')] } as unknown as ArchiveToc;
const SIZES = new Map([
  [1, 800],
  [2, 200],
]);
const build = { after: new Set([1]), cost: 1 } as unknown as ArchiveBuild;

it('counts rows by their bytes, and indexes in addition', () => {
  const work = new ArchiveWork(TOC, [build], SIZES);
  expect(work.ratio).toBe(0);
  work.rowsLoaded(2);
  const small = work.ratio ?? 0;
  work.rowsLoaded(1);
  const rows = work.ratio ?? 0;
  expect(small).toBeGreaterThan(0.1);
  expect(rows).toBeGreaterThan(0.75);
  expect(rows).toBeLessThan(1);
  work.buildStarted(build);
  work.follow([{ kind: 'index', schema: 'public', table: 'orders', done: 0.5 }]);
  expect(work.ratio).toBeGreaterThan(rows);
  expect(work.ratio).toBeLessThan(1);
  work.buildDone(build);
  expect(work.ratio).toBe(1);
});

it('advances within a table, learns how large rows are as text, and never goes back', () => {
  const work = new ArchiveWork(TOC, [], SIZES);
  work.follow([{ kind: 'rows', schema: 'public', table: 'customers', done: 2000 }]);
  work.rowsLoaded(2); // 10 bytes of text per byte in the archive
  work.follow([{ kind: 'rows', schema: 'public', table: 'orders', done: 4000 }]);
  expect(work.ratio).toBeCloseTo(0.6);
  work.follow([{ kind: 'rows', schema: 'public', table: 'orders', done: 400_000 }]);
  const nearly = work.ratio ?? 0;
  expect(nearly).toBeLessThan(1);
  work.follow([]);
  expect(work.ratio).toBe(nearly);
});

it('reports no progress for an archive whose parts have unknown sizes', () => {
  expect(new ArchiveWork(TOC, [build], new Map()).ratio).toBeUndefined();
});

it('inspects only builds in progress, however many tables there are', () => {
  let looks = 0;
  class Counted extends Set<number> {
    override has(id: number): boolean {
      looks += 1;
      return super.has(id);
    }
  }
  const entries = Array.from({ length: 1000 }, (_, index) => data(index + 1, `t${index + 1}`));
  const builds = entries.map(({ dumpId }) => ({ after: new Counted([dumpId]), cost: 1 }) as unknown as ArchiveBuild);
  const sizes = new Map(entries.map(({ dumpId }) => [dumpId, 100]));
  const work = new ArchiveWork({ entries } as unknown as ArchiveToc, builds, sizes);
  for (const running of builds.slice(0, 2)) work.buildStarted(running);
  work.follow([{ kind: 'index', schema: 'public', table: 't2', done: 0.5 }]);
  expect(work.ratio).toBeGreaterThan(0);
  expect(looks).toBeLessThan(10);
});
