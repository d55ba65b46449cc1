import { expect, it } from 'vitest';
import { findOverdueEvents } from '../../../../src/engines/mysql/log/overdue-events.ts';
import type { MysqlServer } from '../../../../src/engines/mysql/server/mysql-server.ts';

const { signal } = new AbortController();
const asked: string[] = [];
const serverWith = (...events: readonly (readonly [string, string])[]): MysqlServer => {
  const session = {
    ask: async (sql: string) => {
      asked.push(sql);
      return events;
    },
  };
  const administer = async (_signal: AbortSignal, use: (session: unknown) => Promise<unknown>) => use(session);
  return { administer } as unknown as MysqlServer;
};

it('names one-time events that were due by the last replayed commit, and a number of them at most', async () => {
  const until = new Date('2026-11-27T03:10:00.250Z');
  expect(await findOverdueEvents(serverWith(['shop', 'purge']), until, signal)).toEqual([
    expect.stringMatching(/still enabled: shop\.purge;/),
  ]);
  expect(asked.splice(0)).toEqual([expect.stringMatching(/<= '2026-11-27 03:10:00'$/)]);
  const many = Array.from({ length: 12 }, (_none, index) => ['shop', `e${index}`] as const);
  expect(await findOverdueEvents(serverWith(...many), until, signal)).toEqual([
    expect.stringMatching(/shop\.e9 and 2 more;/),
  ]);
});

it('says nothing if there are none, or nothing was replayed', async () => {
  expect(await findOverdueEvents(serverWith(), new Date(0), signal)).toEqual([]);
  asked.splice(0);
  expect(await findOverdueEvents(serverWith(['shop', 'purge']), undefined, signal)).toEqual([]);
  expect(asked).toEqual([]);
});
