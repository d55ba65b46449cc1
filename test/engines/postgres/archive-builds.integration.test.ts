import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { expect, it } from 'vitest';
import type { Server } from '../../../src/engines/engine.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { fileContent } from '../../support/fake-content.ts';
import { boot, makeWorkDirectory, restoreInto, startSandbox } from './restoring.ts';
import { dumpTo, runTool } from './sakila.ts';

/**
 * Objects that depend on indexes, objects that indexes depend on, and two indexes that cannot be built with an empty
 * search path, as in a restore.
 */
const SCHEMA = `
  CREATE SCHEMA "Ünicode.s";
  CREATE TABLE "Ünicode.s"."T ""q""" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Größe" int, twice int GENERATED ALWAYS AS ("Größe" * 2) STORED);
  INSERT INTO "Ünicode.s"."T ""q""" ("Größe") SELECT i FROM generate_series(1, 500) i;
  CREATE INDEX "Ix ""1""" ON "Ünicode.s"."T ""q""" ("Größe") INCLUDE (twice) WHERE "Größe" > 3;
  COMMENT ON INDEX "Ünicode.s"."Ix ""1""" IS 'an index';
  CREATE TABLE part (id int NOT NULL, at date NOT NULL, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
  CREATE TABLE part_a PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
  CREATE TABLE part_b PARTITION OF part FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
  CREATE INDEX part_note ON part (note);
  INSERT INTO part SELECT i, date '2026-01-01' + i % 360, 'n' || i FROM generate_series(1, 1000) i;
  CREATE TABLE kept (id int NOT NULL, v text NOT NULL, during int4range, EXCLUDE USING gist (during WITH &&));
  INSERT INTO kept SELECT i, 'v' || i, int4range(i * 10, i * 10 + 5) FROM generate_series(1, 300) i;
  CREATE UNIQUE INDEX kept_v ON kept (v);
  CREATE INDEX kept_low ON kept (lower(v), (length(v) + id));
  ALTER INDEX kept_low ALTER COLUMN 2 SET STATISTICS 500;
  ALTER TABLE kept REPLICA IDENTITY USING INDEX kept_v;
  ALTER TABLE kept CLUSTER ON kept_low;
  ALTER TABLE kept ADD CONSTRAINT kept_id UNIQUE (id) DEFERRABLE INITIALLY DEFERRED;
  COMMENT ON CONSTRAINT kept_id ON kept IS 'a key';
  CREATE TABLE child (more int) INHERITS (kept);
  CREATE INDEX child_more ON child (more);
  CREATE TABLE egg (id int PRIMARY KEY, hen int);
  CREATE TABLE hen (id int PRIMARY KEY, egg int REFERENCES egg);
  INSERT INTO egg SELECT i, i FROM generate_series(1, 50) i; INSERT INTO hen SELECT i, i FROM generate_series(1, 50) i;
  ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen DEFERRABLE;
  ALTER TABLE egg ADD CONSTRAINT positive CHECK (id > 10) NOT VALID;
  CREATE UNLOGGED TABLE scratch (id int PRIMARY KEY);
  CREATE MATERIALIZED VIEW sums AS SELECT at, count(*) AS n FROM part GROUP BY at;
  CREATE UNIQUE INDEX sums_at ON sums (at);
  CREATE STATISTICS kept_st ON id, v FROM kept;
  CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER noted BEFORE INSERT ON egg FOR EACH ROW EXECUTE FUNCTION noted();
  ALTER TABLE hen ENABLE ROW LEVEL SECURITY;
  CREATE POLICY mine ON hen USING (id < 10);
  CREATE PUBLICATION eggs FOR TABLE egg;
  SELECT lo_from_bytea(4242, 'large');
  CREATE TABLE looked (n int); INSERT INTO looked VALUES (1);
  CREATE FUNCTION unqualified(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT n + $1 FROM looked); END';
  CREATE INDEX egg_unqualified ON egg (unqualified(id));
  CREATE FUNCTION same(int) RETURNS int IMMUTABLE LANGUAGE sql AS $$ SELECT CASE current_setting('search_path') WHEN '' THEN 0 WHEN '""' THEN 0 ELSE $1 END $$;
  CREATE UNIQUE INDEX hen_same ON hen (same(id));
  COMMENT ON INDEX hen_same IS 'cannot be restored';
`;

it.skipIf(!existsSync('/usr/lib/postgresql/15/bin/pg_restore'))(
  'an archive restored with indexes built in parallel is the same as after pg_restore alone',
  async () => {
    await using work = await makeWorkDirectory();
    const archive = join(work.path, 'hard.dump');
    await using sandbox = await startSandbox('local', '15');
    const server = await boot(sandbox);
    await makeArchive(archive, sandbox, server, 'hard', SCHEMA);
    const [alone, beside] = [await restored(archive, 1), await restored(archive, 2)];
    expect(beside).toEqual(alone);
    expect(beside.errors).toEqual([
      expect.stringMatching(/^could not create unique index "hen_same" \(CREATE UNIQUE INDEX hen_same /),
      expect.stringMatching(/^relation "looked" does not exist \(CREATE INDEX egg_unqualified /),
      expect.stringMatching(/^relation "(?:public\.)?hen_same" does not exist \(COMMENT ON INDEX/),
    ]);
  },
);

/**
 * Index builds on a table and on a materialized view, each of which takes a lock and waits until another build has the
 * next one.
 */
const DEADLOCKS = `
  CREATE FUNCTION meet(own int, other int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN own; END';
  CREATE TABLE met (id int); INSERT INTO met VALUES (1);
  CREATE MATERIALIZED VIEW seen AS SELECT id FROM met;
  CREATE INDEX met_1 ON met ((public.meet(1, 2)));
  CREATE INDEX met_2 ON met ((public.meet(2, 1)));
  CREATE INDEX seen_3 ON seen ((public.meet(3, 4)));
  CREATE INDEX seen_4 ON seen ((public.meet(4, 3)));
  CREATE OR REPLACE FUNCTION meet(own int, other int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
  DECLARE until timestamptz := clock_timestamp() + interval '1.5 s';
  BEGIN
    PERFORM pg_advisory_xact_lock(own);
    LOOP
      EXIT WHEN clock_timestamp() > until OR EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = other);
      PERFORM pg_sleep(0.01);
    END LOOP;
    PERFORM pg_advisory_xact_lock(other);
    RETURN own;
  END $$;
`;

it.skipIf(!existsSync('/usr/lib/postgresql/15/bin/pg_restore'))(
  'builds that deadlock are not reported as errors in the backup',
  async () => {
    await using work = await makeWorkDirectory();
    const archive = join(work.path, 'met.dump');
    await using sandbox = await startSandbox('local', '15');
    const server = await boot(sandbox);
    await makeArchive(archive, sandbox, server, 'met', DEADLOCKS);
    const { errors, sql } = await restored(archive, 2);
    expect(errors).toEqual([]);
    expect(sql.match(/CREATE INDEX \w+/g)).toEqual(
      ['met_1', 'met_2', 'seen_3', 'seen_4'].map((name) => `CREATE INDEX ${name}`),
    );
  },
);

async function restored(archive: string, jobs: number) {
  await using sandbox = await startSandbox('local', '15');
  await using result = await restoreInto(sandbox, fileContent(archive), { jobs });
  const { errors, errorCount, warnings } = result.outcome;
  const text = `${archive}.${jobs}.sql`;
  await dumpTo(text, sandbox, result.server, ['pg_dump', result.outcome.database]);
  const sql = (await readFile(text, 'utf8')).replaceAll(/^\\(un)?restrict .*$/gm, '');
  return { errors: errors.toSorted(), errorCount, warnings, sql };
}

async function makeArchive(
  path: string,
  sandbox: Sandbox,
  server: Server,
  database: string,
  schema: string,
): Promise<void> {
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done() });
  await runTool(sandbox, server, ['createdb', database]);
  const psql = ['psql', '-q', '-v', 'ON_ERROR_STOP=1', '-d', database];
  await runTool(sandbox, server, psql, { stdin: Readable.from([schema]), stdout });
  await dumpTo(path, sandbox, server, ['pg_dump', '-Fc', database]);
}
