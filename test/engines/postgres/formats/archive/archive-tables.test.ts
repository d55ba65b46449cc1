import { expect, it } from 'vitest';
import { partsOf, tablesOfArchive } from '../../../../../src/engines/postgres/formats/archive/archive-tables.ts';
import { readArchiveToc } from '../../../../../src/engines/postgres/formats/archive/archive-toc.ts';
import { LoadErrors } from '../../../../../src/engines/sql-dump/load-errors.ts';
import { type MadeEntry, makeArchive } from './archive-bytes.ts';

const ENTRIES: readonly MadeEntry[] = [
  { desc: 'TABLE', tag: 'orders', defn: 'CREATE TABLE public.orders ();' },
  { desc: 'TABLE DATA', tag: 'orders', hasData: true },
  { desc: 'FOREIGN TABLE', tag: 'far', defn: 'CREATE FOREIGN TABLE public.far ();' },
  { desc: 'TABLE', tag: 'Größe', defn: 'CREATE TABLE public."Größe" ();' },
  { desc: 'TABLE', tag: 'refused', defn: 'CREATE TABLE public.refused ();' },
  { desc: 'TABLE ATTACH', tag: 'part', defn: 'ALTER TABLE …' },
  { desc: 'VIEW', tag: 'seen', defn: 'CREATE VIEW …' },
  { desc: 'INDEX', tag: 'orders_at', defn: 'CREATE INDEX …', section: 4 },
];

function namesIn(encoding: string, failed: readonly number[] = []): string[] {
  const first = { desc: 'ENCODING', tag: 'ENCODING', defn: `SET client_encoding = '${encoding}';\n` };
  const toc = readArchiveToc(makeArchive({ entries: [...ENTRIES, first] }));
  return tablesOfArchive(toc, new Set(failed)).map(({ schema, name }) => `${schema}.${name}`);
}

it('lists the tables that an archive creates, ordinary and foreign, except those that failed', () => {
  expect(namesIn('UTF8')).toEqual(['public.orders', 'public.far', 'public.Größe', 'public.refused']);
  expect(namesIn('UTF8', [5])).toEqual(['public.orders', 'public.far', 'public.Größe']);
});

it('omits names in another encoding', () => {
  expect(namesIn('LATIN1')).toEqual(['public.orders', 'public.far', 'public.refused']);
});

it.each([
  ['TABLE DATA', 'pg_dump --data-only'],
  ['TABLE', 'pg_dump --schema-only'],
  ['INDEX', 'pg_dump --section=post-data'],
])('warns when an archive contains only entries of type %s', (desc, tool) => {
  const errors = new LoadErrors([]);
  const toc = readArchiveToc(makeArchive({ entries: ENTRIES.filter((entry) => entry.desc === desc) }));
  partsOf(toc).warnOfMissing(errors);
  expect(errors.warnings).toEqual([expect.stringContaining(tool)]);
});
