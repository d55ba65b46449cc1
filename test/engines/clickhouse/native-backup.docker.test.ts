import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectCode } from '../../support/expect-code.ts';
import { INTEGRATION_TIMEOUT_MS } from '../../support/timeouts.ts';
import { ask, inspect, never, restore, restoreWhole, startSandbox, takeBackups } from './backups.ts';
import { describeCatalogChecks } from './catalog-checks.ts';
import { asReplica } from './replicated.ts';

describe.skipIf(!inject('dockerAnswers'))(
  'backups that ClickHouse 26.7 wrote',
  { timeout: INTEGRATION_TIMEOUT_MS },
  () => {
    let backups: Awaited<ReturnType<typeof takeBackups>>;

    beforeAll(async () => {
      backups = await takeBackups();
    }, INTEGRATION_TIMEOUT_MS);
    afterAll(() => backups?.[Symbol.asyncDispose]());

    it.each([
      ['a directory', 'full/', 20_000],
      ['a tar', 'all.tar', 20_000],
      ['an increment on an increment', 'inc2/', 21_010],
    ])('restores %s and answers about every table', async (_shape, match, rows) => {
      await using sandbox = await startSandbox();
      const server = await restore(sandbox, backups.path, match);
      expect(await server.verifyInventory?.(never)).toEqual({ of: 'tables', listed: 7, read: 5 });
      expect(await ask(server, 'SELECT count() FROM shop.orders')).toEqual([[rows]]);
      expect(await ask(server, "SELECT x FROM shop.`a;\\'t/../x é`")).toEqual([[1]]);
      expect(await ask(server, 'SELECT v, at FROM shop.orders WHERE id = 2')).toEqual([
        ['0.5000', new Date('2026-01-01T00:00:02Z')],
      ]);
      if (match !== 'full/') return; // what a session refuses does not depend on the shape
      await expectCode('check-malformed', async () => ask(server, 'INSERT INTO shop.log VALUES (3)'));
      await expectCode('check-malformed', async () => ask(server, "SELECT * FROM file('/etc/passwd', 'LineAsString')"));
      await expectCode('wrong-data', async () => ask(server, 'SELECT * FROM shop.gone'));
      await expectCode('check-malformed', async () => ask(server, 'SELECT 1 FORMAT JSON'));
    });

    it('restores what a replica wrote as tables of one server, and says so', async () => {
      const replicas = join(backups.path, '../replicas'); // beside the others it would be taken for the base of the increments
      await cp(join(backups.path, 'full'), join(replicas, 'full'), { recursive: true });
      await asReplica(replicas, 'full', 'replica', ['orders', 'daily']);
      await using sandbox = await startSandbox();
      const { server, outcome } = await restoreWhole(sandbox, replicas, 'replica/');
      expect(await server.verifyInventory?.(never)).toEqual({ of: 'tables', listed: 7, read: 5 });
      expect(await ask(server, 'SELECT count() FROM shop.orders')).toEqual([[20_000]]);
      expect(await ask(server, 'SELECT sum(n) FROM shop.daily')).toEqual([[20_000]]);
      expect(outcome.warnings.toSorted()).toEqual([
        'shop.daily was restored without replicas',
        'shop.orders was restored without replicas',
      ]);
    });

    it.each(['reports/', 'reports.tar'])('refreshes views with a schedule once, and no more: %s', async (match) => {
      await using sandbox = await startSandbox();
      const { server, outcome } = await restoreWhole(sandbox, backups.path, match);
      expect(await server.verifyInventory?.(never)).toEqual({ of: 'tables', listed: 7, read: 5 });
      const read = () =>
        ask(
          server,
          `SELECT (SELECT n FROM totals), (SELECT count() FROM log), (SELECT groupArray(n) FROM history),
                  (SELECT n FROM clock), (SELECT toString(at) FROM clock)`,
          'reports',
        );
      const rows = await read();
      expect(rows).toEqual([[42, 3, '[5]', 42, expect.stringMatching(/^2/)]]);
      expect(await read()).toEqual(rows);
      expect(outcome.warnings).toEqual([
        'reports.appended was restored without its refreshes',
        'reports.clock was restored without its refreshes',
        'reports.history was restored without its refreshes',
        'reports.refreshed was restored without its refreshes',
        'reports.refreshed was refreshed once: BACKUP leaves out the rows of such views',
        'reports.clock was refreshed once: BACKUP leaves out the rows of such views',
      ]);
    });

    it('answers from views whose definer the sandbox does not have', async () => {
      await using sandbox = await startSandbox();
      const { server, outcome } = await restoreWhole(sandbox, backups.path, 'owned/');
      expect(await server.verifyInventory?.(never)).toEqual({ of: 'tables', listed: 5, read: 2 });
      const sql =
        'SELECT (SELECT count() FROM kept), (SELECT n FROM above), (SELECT n FROM open), (SELECT n FROM usual)';
      expect(await ask(server, sql, 'owned')).toEqual([[42, 42, 42, 42]]);
      expect(outcome.warnings).toEqual([
        'owned.above was restored without its definer',
        'owned.kept was restored without its definer',
        'owned.open was restored without SQL SECURITY NONE',
      ]);
    });

    it('answers checks that read the catalog', async () => {
      await using sandbox = await startSandbox();
      const server = await restore(sandbox, backups.path, 'inc2/');
      await describeCatalogChecks(server);
    });

    it('fails for one flipped bit, which RESTORE does not notice', async () => {
      const copy = await damaged(backups.path, async (part) => {
        const bytes = await readFile(join(part, 'data.bin'));
        const middle = bytes.length >> 1;
        bytes[middle] = (bytes[middle] ?? 0) ^ 1;
        await writeFile(join(part, 'data.bin'), bytes);
      });
      await using sandbox = await startSandbox();
      const server = await restore(sandbox, copy, 'full/');
      const error = await expectCode('wrong-data', async () => server.verifyInventory?.(never));
      expect(error.message).toMatch(/shop\.orders: part 202601_\S+ is damaged: Checksum mismatch/);
    });

    it('fails where the tables are not those of the backup, as on an empty data path', async () => {
      await using sandbox = await startSandbox();
      const server = await restore(sandbox, backups.path, 'full/');
      await sandbox.exec(['sh', '-c', 'rm -rf "$1"/*', 'sh', `${sandbox.paths.data}/clickhouse`], { signal: never });
      expect(await ask(server, 'SELECT 1', 'default')).toEqual([[1]]);
      const error = await expectCode('wrong-data', async () => server.verifyInventory?.(never));
      expect(error.message).toMatch(/of 7 tables in the backup, not all were restored whole: shop\.\S+.* is not there/);
    });

    it('finds before there is a sandbox that a file is cut off, missing, or that the base is not there', async () => {
      const cut = await damaged(backups.path, (part) => truncate(join(part, 'data.bin'), 100));
      expect((await expectCode('backup-truncated', async () => inspect(cut, 'full/'))).message).toMatch(
        /data\.bin: 100 of \d+ bytes/,
      );
      const lost = await damaged(backups.path, (part) => rm(part, { recursive: true }));
      expect((await expectCode('backup-truncated', async () => inspect(lost, 'full/'))).message).toMatch(
        /202601_\S+: missing/,
      );
      const alone = await damaged(backups.path, (part) => rm(join(part, '../../../..'), { recursive: true }));
      await expectCode('backup-incomplete', async () => inspect(alone, 'inc1/'));
    });

    it('knows tables and databases before there is a sandbox', async () => {
      const { facts, databases } = await inspect(backups.path, 'full/');
      expect(facts).toMatchObject({ engine: 'clickhouse', format: 'BACKUP', database: 'shop', tableCount: 4 });
      expect(databases).toEqual(['shop']);
    });
  },
);

/** A copy of the backups, with damage done to the first part of the table shop.orders in `full/`. */
async function damaged(path: string, damage: (part: string) => Promise<unknown>): Promise<string> {
  const copy = join(path, '..', `copy-${(await readdir(join(path, '..'))).length}`);
  await cp(path, copy, { recursive: true });
  const table = join(copy, 'full/data/shop/orders');
  const [part = ''] = (await readdir(table)).toSorted();
  await damage(join(table, part));
  return copy;
}
