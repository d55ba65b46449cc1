import { describe, expect, it } from 'vitest';
import {
  entriesAfterBuilds,
  planBuilds,
  statementsOf,
} from '../../../../../src/engines/postgres/formats/archive/archive-builds.ts';
import { readArchiveToc } from '../../../../../src/engines/postgres/formats/archive/archive-toc.ts';
import { type MadeEntry, makeArchive } from './archive-bytes.ts';

const PATH: MadeEntry = { desc: 'SEARCHPATH', tag: 'SEARCHPATH', defn: "SELECT set_config('search_path', '', false);" };
const TABLE: MadeEntry = { desc: 'TABLE', tag: 't', defn: 'CREATE TABLE public.t (id int);' };
const ROWS: MadeEntry = { desc: 'TABLE DATA', tag: 't', hasData: true, section: 3, dependsOn: [2] };
/** Entries 1 to 3; a test's own entries follow. */
const BASE = [PATH, TABLE, ROWS];

const tocOf = (entries: readonly MadeEntry[], minor = 16) => readArchiveToc(makeArchive({ minor, entries }));
const index = (defn: string, changes: Partial<MadeEntry> = {}): MadeEntry => ({
  desc: 'INDEX',
  tag: 'i',
  defn,
  section: 4,
  dependsOn: [2],
  ...changes,
});
const key = (defn: string, changes: Partial<MadeEntry> = {}) => index(defn, { desc: 'CONSTRAINT', ...changes });
const INDEX = 'CREATE INDEX i ON public.t USING btree (id);';

describe('the builds of an archive', () => {
  it.each([
    ['an index', index(INDEX), 1],
    ['a unique index', index('CREATE UNIQUE INDEX i ON public.t USING btree (id);'), 1],
    ['an index of another kind', index('CREATE INDEX i ON public.t USING gin (id);'), 4],
    ['a primary key', key('ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k PRIMARY KEY (id);'), 1],
    ['a unique key', key('ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k UNIQUE (id) DEFERRABLE;'), 1],
    ['an exclusion', key('ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k EXCLUDE USING gist (r WITH &&);'), 1],
    ['an index that needs a function, too', index(INDEX, { dependsOn: [2, 70_000] }), 1],
  ])('include %s', (_what, entry, cost) => {
    expect(planBuilds(tocOf([...BASE, entry]))).toMatchObject([{ entry: { dumpId: 4 }, after: new Set([3]), cost }]);
  });

  it.each([
    ['an index that needs another entry after the data', [index(INDEX, { dependsOn: [2, 5] }), index(INDEX)], [5]],
    ['an index of a table without rows', [index(INDEX, { dependsOn: [70_000] })], []],
    ['a table whose rows were left out', [TABLE, index(INDEX, { dependsOn: [4] })], []],
    ['a key that is no index', [key('ALTER TABLE public.t ADD CONSTRAINT c CHECK ((id > 0));')], []],
    [
      'a foreign key',
      [key('ALTER TABLE ONLY public.t ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES public.u(id);')],
      [],
    ],
    ['a name that is not UTF-8', [index('CREATE INDEX "\uFFFD" ON public.t USING btree (id);')], []],
    ['another kind of entry', [index(INDEX, { desc: 'TRIGGER' })], []],
  ])('leave out %s', (_what, entries, built) => {
    expect(planBuilds(tocOf([...BASE, ...entries])).map(({ entry }) => entry.dumpId)).toEqual(built);
  });

  it('are empty when pg_restore sets a search path for each entry', () => {
    expect(planBuilds(tocOf([{ ...PATH, desc: 'COMMENT' }, TABLE, ROWS, index(INDEX)]))).toEqual([]);
  });

  it('are empty for an archive version without sections', () => {
    expect(planBuilds(tocOf([...BASE], 11))).toEqual([]);
  });

  it('leave entries after the data to pg_restore, with the comments and privileges that belong to them', () => {
    const comment = (section: number): MadeEntry => ({ desc: 'COMMENT', tag: 'c', section });
    const toc = tocOf([...BASE, comment(1), index(INDEX), comment(1), index(INDEX, { desc: 'TRIGGER' }), comment(1)]);
    expect(entriesAfterBuilds(toc, planBuilds(toc)).map(({ dumpId }) => dumpId)).toEqual([6, 7, 8]);
  });
});

describe('the statements of a build', () => {
  it.each([
    ['one', [INDEX]],
    [
      'the index and what its table does with it',
      [
        INDEX,
        'ALTER TABLE ONLY public.t REPLICA IDENTITY USING INDEX i;',
        'ALTER INDEX public.i ALTER COLUMN 1 SET STATISTICS 500;',
      ],
    ],
    [
      'text and names with semicolons',
      ['CREATE INDEX ";" ON public.t USING btree (f(\'; \', $$;$$));', 'ALTER TABLE public.t CLUSTER ON ";";'],
    ],
  ])('run in a transaction each: %s', (_what, statements) => {
    const found = statementsOf(`${statements.join('\n\n')}\n`).map((bytes) => `${bytes};`);
    expect(found).toEqual(statements);
  });

  it('stay together when they cannot be separated', () => {
    const odd = "CREATE INDEX i ON public.t ((f('";
    expect(statementsOf(odd).map(String)).toEqual([odd]);
  });
});
