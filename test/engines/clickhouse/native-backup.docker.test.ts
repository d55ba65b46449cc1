import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Server } from '../../../src/engines/engine.ts';
import type { Restored } from '../../../src/engines/format.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { clearSandbox } from '../../support/clear-sandbox.ts';
import { expectCode } from '../../support/expect-code.ts';
import { isFullMatrix } from '../../support/full-matrix.ts';
import { INTEGRATION_TIMEOUT_MS } from '../../support/timeouts.ts';
import { ask, inspect, never, restoreWhole, startSandbox, type Taken, takeBackups } from './backups.ts';
import { describeCatalogChecks } from './catalog-checks.ts';
import { asReplica } from './replicated.ts';

/**
 * CI leaves out the directory: `owned/` already covers definitions in a directory, and refreshing a view does not
 * depend on where its definition was.
 */
const SCHEDULED = isFullMatrix ? ['reports/', 'reports.tar'] : ['reports.tar'];

describe.skipIf(!inject('dockerAnswers'))(
  'backups that ClickHouse 26.7 wrote',
  { timeout: INTEGRATION_TIMEOUT_MS },
  () => {
    const held = new AsyncDisposableStack();
    let backups: Taken;
    /** One sandbox for all restores: no server keeps running, and each restore starts with an empty data path. */
    let local: Sandbox;

    beforeAll(async () => {
      backups = held.use(await takeBackups());
      local = held.use(await startSandbox());
    }, INTEGRATION_TIMEOUT_MS);
    afterAll(() => held.disposeAsync());

    async function restoreAnew(directory: string, match: string): Promise<Restored> {
      return restoreWhole(await clearSandbox(local), directory, match);
    }

    it.each([
      ['a directory', 'full/', 20_000],
      ['a tar', 'all.tar', 20_000],
      ['an increment on an increment', 'inc2/', 21_010],
    ])('restores %s, and every table can be queried', async (_shape, match, rows) => {
      const { server } = await restoreAnew(backups.path, match);
      expect(await server.verifyInventory?.(never)).toEqual({ of: 'tables', listed: 7, read: 5 });
      const sql =
        "SELECT (SELECT count() FROM shop.orders), (SELECT x FROM shop.`a;\\'t/../x é`), v, at FROM shop.orders";
      expect(await ask(server, `${sql} WHERE id = 2`)).toEqual([[rows, 1, '0.5000', new Date('2026-01-01T00:00:02Z')]]);
      if (match === 'inc2/') await describeCatalogChecks(server);
      if (match === 'full/') await describeSession(server); // what a session refuses does not depend on the shape
    });

    /** Ends with an empty data path, where the same tables are expected. */
    async function describeSession(server: Server): Promise<void> {
      await expectCode('check-malformed', async () => ask(server, 'INSERT INTO shop.log VALUES (3)'));
      await expectCode('check-malformed', async () => ask(server, "SELECT * FROM file('/etc/passwd', 'LineAsString')"));
      await expectCode('wrong-data', async () => ask(server, 'SELECT * FROM shop.gone'));
      await expectCode('check-malformed', async () => ask(server, 'SELECT 1 FORMAT JSON'));
      await local.exec(['sh', '-c', 'rm -rf "$1"/*', 'sh', `${local.paths.data}/clickhouse`], { signal: never });
      expect(await ask(server, 'SELECT 1', 'default')).toEqual([[1]]);
      const error = await expectCode('wrong-data', async () => server.verifyInventory?.(never));
      expect(error.message).toMatch(
        /not all 7 tables in the backup were restored completely: shop\.\S+.* was not restored/,
      );
    }

    it('restores a replica’s backup as tables of a single server, with a warning', async () => {
      const replicas = join(backups.path, '../replicas'); // next to the others it would be taken for the base of the increments
      await cp(join(backups.path, 'full'), join(replicas, 'full'), { recursive: true });
      await asReplica(replicas, 'full', 'replica', ['orders', 'daily']);
      const { server, outcome } = await restoreAnew(replicas, 'replica/');
      expect(await server.verifyInventory?.(never)).toEqual({ of: 'tables', listed: 7, read: 5 });
      const sql = 'SELECT (SELECT count() FROM shop.orders), (SELECT sum(n) FROM shop.daily)';
      expect(await ask(server, sql)).toEqual([[20_000, 20_000]]);
      expect(outcome.warnings.toSorted()).toEqual([
        'shop.daily was restored without replicas',
        'shop.orders was restored without replicas',
      ]);
    });

    it.each(SCHEDULED)('refreshes views with a schedule exactly once: %s', async (match) => {
      const { server, outcome } = await restoreAnew(backups.path, match);
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

    it('can query views whose definer does not exist in the sandbox', async () => {
      const { server, outcome } = await restoreAnew(backups.path, 'owned/');
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

    it('fails when one bit is flipped, which RESTORE does not notice', async () => {
      const copy = await damaged(backups.path, async (part) => {
        const bytes = await readFile(join(part, 'data.bin'));
        const middle = bytes.length >> 1;
        bytes[middle] = (bytes[middle] ?? 0) ^ 1;
        await writeFile(join(part, 'data.bin'), bytes);
      });
      const { server } = await restoreAnew(copy, 'full/');
      const error = await expectCode('wrong-data', async () => server.verifyInventory?.(never));
      expect(error.message).toMatch(/shop\.orders: part 202601_\S+ is damaged: Checksum mismatch/);
    });

    it('finds truncated files, missing files and a missing base before a sandbox starts', async () => {
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

    it('lists tables and databases before a sandbox starts', async () => {
      const { facts, databases } = await inspect(backups.path, 'full/');
      expect(facts).toMatchObject({ engine: 'clickhouse', format: 'BACKUP', database: 'shop', tableCount: 4 });
      expect(databases).toEqual(['shop']);
    });
  },
);

/** A copy of the backups in which the first part of the table shop.orders in `full/` is damaged. */
async function damaged(path: string, damage: (part: string) => Promise<unknown>): Promise<string> {
  const copy = join(path, '..', `copy-${(await readdir(join(path, '..'))).length}`);
  await cp(path, copy, { recursive: true });
  const table = join(copy, 'full/data/shop/orders');
  const [part = ''] = (await readdir(table)).toSorted();
  await damage(join(table, part));
  return copy;
}
