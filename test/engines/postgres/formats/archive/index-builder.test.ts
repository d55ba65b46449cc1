import type pg from 'pg';
import { expect, it } from 'vitest';
import { type ArchiveBuild, planBuilds } from '../../../../../src/engines/postgres/formats/archive/archive-builds.ts';
import { readArchiveToc } from '../../../../../src/engines/postgres/formats/archive/archive-toc.ts';
import { IndexBuilder } from '../../../../../src/engines/postgres/formats/archive/index-builder.ts';
import type { PostgresServer } from '../../../../../src/engines/postgres/server/postgres-server.ts';
import { LoadErrors } from '../../../../../src/engines/sql-dump/load-errors.ts';
import { makeArchive } from './archive-bytes.ts';

const DEADLOCK = Object.assign(new Error('deadlock detected'), { code: '40P01' });

interface Query {
  submit(connection: unknown): void;
  handleError(error: Error): void;
  handleReadyForQuery(): void;
}

/**
 * Builds an index on a server that fails the n-th attempt of a statement with the error from `refuse`. @returns the
 * statements sent, and the number of reported errors.
 */
async function build(defn: string, refuse: (sql: string, count: number) => Error | undefined) {
  const sent: string[] = [];
  const query = ({ submit, handleError, handleReadyForQuery }: Query): void => {
    const written: Buffer[] = [];
    const stream = { cork: () => undefined, uncork: () => undefined, write: (bytes: Buffer) => written.push(bytes) };
    submit({ stream });
    const sql = Buffer.concat(written).toString('utf8', 5).replace('\0', '').trim();
    if (!sql.startsWith('SET ')) sent.push(sql);
    const error = refuse(sql, sent.filter((one) => one === sql).length);
    if (error) handleError(error);
    else handleReadyForQuery();
  };
  const server = {
    options: { cpus: 2, memoryBytes: 2 ** 30 },
    openSession: async () => ({ query }) as unknown as pg.Client,
    closeSession: async () => undefined,
    explainLoss: async (error: unknown) => error,
  };
  const toc = readArchiveToc(
    makeArchive({
      minor: 16,
      entries: [
        { desc: 'SEARCHPATH', tag: 'SEARCHPATH', defn: 'SET search_path = s;' },
        { desc: 'TABLE', tag: 't', defn: 'CREATE TABLE public.t (id int);' },
        { desc: 'TABLE DATA', tag: 't', hasData: true, section: 3, dependsOn: [2] },
        { desc: 'INDEX', tag: 'i', defn, section: 4, dependsOn: [2] },
      ],
    }),
  );
  const errors = new LoadErrors([]);
  await using builder = new IndexBuilder({
    ...{ toc, builds: planBuilds(toc), sizes: new Map(), server: server as unknown as PostgresServer, errors },
    ...{ database: 'shop', jobs: 2, signal: new AbortController().signal },
    onBuild: () => undefined,
    onBuilt: () => undefined,
  });
  builder.rowsLoaded(3);
  await builder.finish();
  return { sent, errorCount: errors.outcome('shop').errorCount };
}

const CREATE = 'CREATE INDEX i ON public.t USING btree (id)';
const CLUSTER = 'ALTER TABLE public.t CLUSTER ON i';

it('resumes after a deadlock with the failed statement, without creating the index again', async () => {
  const refuse = (sql: string, count: number) => {
    if (sql === CREATE && count > 1) return Object.assign(new Error('relation "i" already exists'), { code: '42P07' });
    return sql === CLUSTER && count === 1 ? DEADLOCK : undefined;
  };
  expect(await build(`${CREATE};\n\n${CLUSTER};\n`, refuse)).toEqual({
    sent: [CREATE, CLUSTER, CLUSTER],
    errorCount: 0,
  });
});

it('retries an index alone after a deadlock, and reports the second failure', async () => {
  const once = (sql: string, count: number) => (sql === CREATE && count === 1 ? DEADLOCK : undefined);
  expect(await build(`${CREATE};\n`, once)).toEqual({ sent: [CREATE, CREATE], errorCount: 0 });
  const always = (sql: string) => (sql === CREATE ? DEADLOCK : undefined);
  expect(await build(`${CREATE};\n`, always)).toEqual({ sent: [CREATE, CREATE], errorCount: 1 });
});

it('checks the builds of a table only when its rows are loaded, however many others wait', async () => {
  let looks = 0;
  class Counted extends Set<number> {
    override [Symbol.iterator]() {
      looks += 1;
      return super[Symbol.iterator]();
    }
  }
  const tables = Array.from({ length: 500 }, (_, index) => index + 1);
  const builds = tables.map((id) => ({ after: new Counted([id, 1000 + id]) }) as unknown as ArchiveBuild);
  await using builder = new IndexBuilder({
    ...{ toc: readArchiveToc(makeArchive({ minor: 16, entries: [] })), builds, sizes: new Map() },
    ...{ server: {} as PostgresServer, errors: new LoadErrors([]), database: 'shop', jobs: 2 },
    ...{ signal: new AbortController().signal, onBuild: () => undefined, onBuilt: () => undefined },
  });
  for (const id of tables) builder.rowsLoaded(id);
  expect(looks).toBeLessThan(3 * tables.length);
});
