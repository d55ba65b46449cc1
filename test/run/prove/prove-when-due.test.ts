import { expect, it, vi } from 'vitest';
import type { RunFact } from '../../../src/run/contract.ts';
import { proveWhenDue } from '../../../src/run/prove/prove-when-due.ts';
import { createMemoryStore } from '../../support/memory-store.ts';
import { fakeHasher, fakeNeighbours } from '../../verify/fake-hasher.ts';
import { FROM_DUMP, fakeCatalog, resultOf } from '../../verify/fake-pool.ts';
import { fakeDefinition, useFakeTime } from '../fake-drill.ts';

useFakeTime();

/** One table of three rows; the second damage lasts until the session is ended. */
function slowServer(): unknown {
  const columns = [{ name: 'note', type: 'text', nullable: true, expression: 'note' }];
  const table = { name: 't', sql: '"t"', columns, integerKey: undefined, bytes: 1 };
  let damages = 0;
  const sql = {
    hasher: {
      ...fakeHasher(),
      listTables: async () => [table],
      digest: async () => [{ bucket: 0, rows: 3n, hash: '00', filled: { note: 3n } }],
    },
    openCatalog: () => fakeCatalog(),
    openDamageSession: async (_: string, signal: AbortSignal) => ({
      damage: () => {
        damages += 1;
        const ended = Promise.withResolvers<number>();
        if (damages === 1) ended.resolve(3);
        else signal.addEventListener('abort', () => ended.reject(signal.reason));
        return ended.promise;
      },
      undo: async () => {
        if (damages > 1) throw new Error('the session is gone');
      },
      query: async () => resultOf([1n]),
      [Symbol.asyncDispose]: async () => undefined,
    }),
  };
  return { sql };
}

it('a scheduled proof ends at the deadline, and its results count until the next one is due', async () => {
  const drill = { ...fakeDefinition(600_000), proveEveryMs: 604_800_000 };
  const facts: RunFact[] = [];
  const input = {
    drill,
    server: slowServer() as Parameters<typeof proveWhenDue>[1]['server'],
    database: 'shop',
    takenAt: new Date(0),
    restore: FROM_DUMP,
    neighbours: fakeNeighbours(),
    cpus: 1,
    sandbox: undefined,
    images: {},
    store: createMemoryStore(),
  };
  const proving = proveWhenDue({ drill, trigger: { kind: 'schedule', dueAt: undefined, attempt: 1 } }, input, {
    signal: new AbortController().signal,
    clock: { now: () => new Date(), monotonicMs: () => Date.now() },
    emit: (fact) => facts.push(fact),
    remainingMs: 60_000,
  });
  await vi.advanceTimersByTimeAsync(60_000);
  const proof = await proving;
  expect(proof?.entries.map(({ damage, skipped }) => [damage, skipped])).toEqual([
    ['t: emptied (3 rows)', undefined],
    ['further damage to the restored copy', 'no time left before the deadline of the run'],
  ]);
  expect(proof?.asked.limitMs).toBe(0); // no time is left for damage to the backup as it is read
  expect(facts.flatMap((fact) => (fact.type === 'warning' ? fact.message : []))).toEqual([
    'not every check could be proven: it would have taken longer than the deadline of the run; prove them by hand: `firedrill prove`',
  ]);
});
