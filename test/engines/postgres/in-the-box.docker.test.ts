import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { bytesContent } from '../../support/fake-content.ts';
import { restoreInto, startBox } from './restoring.ts';

it('restored data writes nothing into the directory that the sandbox shares with this host', async () => {
  await using box = await startBox('docker', '17');
  const sql = `-- PostgreSQL database dump
COPY (SELECT repeat('x', 1000)) TO '${box.paths.run}/filler';
COPY (SELECT repeat('x', 1000)) TO '${box.paths.run}/.s.PGSQL.5432.lock';
CREATE TABLE t (id int);
-- PostgreSQL database dump complete
`;
  await using restored = await restoreInto(box, bytesContent(Buffer.from(sql), 'orders.sql'));
  expect(restored.outcome.errors).toEqual([
    expect.stringMatching(/could not open file .*filler.* Permission denied/),
    expect.stringMatching(/could not open file .*lock.* Permission denied/),
  ]);
  expect((await restored.ask('select count(*) from t')).rows).toEqual([[0n]]); // also after the restart
  const { connection } = restored.server;
  expect(connection.kind === 'path' && (await readdir(dirname(connection.path)))).toEqual(['.s.PGSQL.5432']);
});

it('extensions that want preloading are restored where the drill names them, and their jobs never run', async () => {
  await using box = await startBox('docker', '15', 'postgres-extensions');
  const sql = `-- PostgreSQL database dump
CREATE EXTENSION IF NOT EXISTS pg_cron WITH SCHEMA pg_catalog;
CREATE EXTENSION IF NOT EXISTS pgaudit WITH SCHEMA public;
CREATE TABLE t (id int);
INSERT INTO t VALUES (1);
SELECT cron.schedule('wipe', '* * * * *', 'DELETE FROM t');
-- PostgreSQL database dump complete
`;
  const content = (): ReturnType<typeof bytesContent> => bytesContent(Buffer.from(sql), 'shop.sql');
  const options = { database: 'shop', preload: ['pg_cron', 'pgaudit'] };
  await using restored = await restoreInto(box, content(), options);
  expect(restored.outcome.errors).toEqual([]);
  const { rows } = await restored.ask(
    "select (select count(*) from t), (select count(*) from cron.job), current_setting('cron.launch_active_jobs'), current_setting('cron.database_name')",
  );
  expect(rows).toEqual([[1n, 1n, 'off', 'shop']]);
});
