import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, inject, it } from 'vitest';
import { PostgresServer } from '../../../src/engines/postgres/server/postgres-server.ts';
import { restartServer } from '../../../src/engines/postgres/server/seal.ts';
import { bytesContent } from '../../support/fake-content.ts';
import { never, restoreInto, startSandbox } from './restoring.ts';

it.skipIf(!inject('dockerAnswers'))(
  'restored data writes nothing to the directory shared with the host, even during a restart',
  async () => {
    await using sandbox = await startSandbox('docker', '17');
    const { data, run, scratch } = sandbox.paths;
    const writer = `until true > ${run}/left; do sleep 0.01; done; true > ${scratch}/got-in`;
    const restoring = `restore_command = 'touch ${scratch}/was-run; true > ${run}/left && true > ${scratch}/got-in; false'`;
    const sql = `-- PostgreSQL database dump
COPY (SELECT repeat('x', 1000)) TO '${run}/filler';
COPY (SELECT repeat('x', 1000)) TO '${run}/.s.PGSQL.5432.lock';
COPY (SELECT 1) TO PROGRAM $$cat > /dev/null; setsid sh -c '${writer}' > /dev/null 2>&1 & true$$;
COPY (SELECT $$${restoring}$$) TO '${data}/postgresql.conf';
COPY (SELECT 1 WHERE false) TO '${data}/recovery.signal';
CREATE TABLE t (id int);
-- PostgreSQL database dump complete
`;
    const content = bytesContent(Buffer.from(sql), 'orders.sql');
    // A real drill restarts with relaxed settings, which recovery refuses; here the test restarts the server itself to
    // get that far.
    await using restored = await restoreInto(sandbox, content, { durability: 'production' });
    expect(restored.outcome.errors).toEqual([
      expect.stringMatching(/could not open file .*filler.* Permission denied/),
      expect.stringMatching(/could not open file .*lock.* Permission denied/),
    ]);
    await restartServer(PostgresServer.of(restored.server), 'load', never);
    const inside = await sandbox.exec(['ls', scratch, run], { signal: never });
    expect(inside.stdout).toContain('was-run');
    expect(inside.stdout).not.toContain('got-in');
    expect((await restored.ask('select count(*) from t')).rows).toEqual([[0n]]);
    const { connection } = restored.server;
    expect(connection.kind === 'path' && (await readdir(dirname(connection.path)))).toEqual(['.s.PGSQL.5432']);
  },
);

it.skipIf(!inject('dockerAnswers'))(
  'extensions that need preloading are restored when the drill names them, and their jobs never run',
  async () => {
    await using sandbox = await startSandbox('docker', '15', { repository: 'postgres-extensions' });
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
    await using restored = await restoreInto(sandbox, content(), options);
    expect(restored.outcome.errors).toEqual([]);
    const { rows } = await restored.ask(
      "select (select count(*) from t), (select count(*) from cron.job), current_setting('cron.launch_active_jobs'), current_setting('cron.database_name')",
    );
    expect(rows).toEqual([[1n, 1n, 'off', 'shop']]);
  },
);
