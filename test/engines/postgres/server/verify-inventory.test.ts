import { expect, it } from 'vitest';
import type { ListedTable } from '../../../../src/engines/postgres/server/dump-names.ts';
import type { PostgresServer } from '../../../../src/engines/postgres/server/postgres-server.ts';
import { verifyInventory } from '../../../../src/engines/postgres/server/verify-inventory.ts';

const never = new AbortController().signal;
const THERE = [
  { schema: 'public', name: 'orders', kind: 'r' },
  { schema: 'public', name: 'days', kind: 'p' },
];

/** A server whose databases each have the tables {@link THERE}. */
function serverWith(listed: Readonly<Record<string, readonly ListedTable[]>>) {
  const client = { query: async () => ({ rows: THERE }) };
  const withSession = (_: string, __: AbortSignal, use: (one: typeof client) => unknown) => use(client);
  return { listed: new Map(Object.entries(listed)), withSession } as unknown as PostgresServer;
}

it('counts the listed tables, and those with rows of their own', async () => {
  const tables = [
    { schema: 'public', name: 'orders' },
    { schema: undefined, name: 'days' },
  ];
  expect(await verifyInventory(serverWith({ shop: tables, crm: [] }), never)).toEqual({
    of: 'tables',
    listed: 2,
    read: 1,
  });
  expect(await verifyInventory(serverWith({ shop: [] }), never)).toBeUndefined();
});

it('names missing tables and their databases', async () => {
  const tables = ['orders', 'lost', 'gone\n'].map((name) => ({ schema: 'public', name }));
  await expect(verifyInventory(serverWith({ shop: tables }), never)).rejects.toMatchObject({
    code: 'wrong-data',
    message: 'of 3 tables that the dump creates, 2 are not in the restored copy: public.lost in shop (and 1 more)',
    details: ['public.lost in shop', expect.stringMatching(/^public\.gone.* in shop$/)],
    hint: expect.stringContaining('by hand'),
  });
});
