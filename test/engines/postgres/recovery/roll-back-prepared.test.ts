import { expect, it } from 'vitest';
import { rollBackPrepared } from '../../../../src/engines/postgres/recovery/roll-back-prepared.ts';
import type { PostgresServer } from '../../../../src/engines/postgres/server/postgres-server.ts';

it('rolls back a prepared transaction in its own database, whatever its name', async () => {
  const run: (readonly [database: string, sql: string])[] = [];
  const withSession = async (database: string, _signal: AbortSignal, use: (client: unknown) => Promise<unknown>) =>
    use({
      query: async (sql: string, values?: readonly string[]) => {
        run.push([database, sql]);
        return { rows: values?.[0] === '773' ? [{ gid: "it's \\x", database: 'shop' }] : [] };
      },
    });
  const server = { withSession } as unknown as PostgresServer;
  const { signal } = new AbortController();
  expect(await rollBackPrepared(server, '772', signal)).toEqual([]);
  expect(run.splice(0)).toHaveLength(1);
  expect(await rollBackPrepared(server, '773', signal)).toHaveLength(1);
  expect(run[1]).toEqual(['shop', "ROLLBACK PREPARED  E'it''s \\\\x'"]);
});
