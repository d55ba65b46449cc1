import { expect, it } from 'vitest';
import type { AskCatalog } from '../../../src/engines/catalog.ts';
import type { Server } from '../../../src/engines/engine.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { DATA_DAMAGES } from '../../../src/support/vocabulary.ts';
import { proveChecks } from '../../../src/verify/prove/prove-checks.ts';
import type { CheckSpec } from '../../../src/verify/registry.ts';
import { STEP_TIMEOUT_MS } from '../../support/timeouts.ts';
import { fakeHasher, fakeNeighbours } from '../fake-hasher.ts';
import { FROM_DUMP, fakeCatalog, fakeSnapshots, resultOf } from '../fake-pool.ts';

/** One table of one row; queries fail as their text says: `malformed` or `damaged`. */
function server(damage: () => Promise<number> = async () => 1): Server {
  const table = { name: 't', sql: '"t"', columns: [], integerKey: undefined, bytes: 1 };
  const hasher = {
    ...fakeHasher(),
    listTables: async () => [table],
    digest: async () => [{ rows: 1n, filled: {} }],
  };
  const session = {
    damage,
    undo: async () => undefined,
    query: async (sql: string) => {
      if (sql === 'malformed') throw new DrillError('check-malformed', 'division by zero');
      if (sql === 'damaged') throw new DrillError('wrong-data', 'there is no such table');
      return resultOf([1n]);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const openCatalog = (ask: AskCatalog) => ({
    ...fakeCatalog(),
    tables: async () => {
      await ask('tables', 1);
      return [];
    },
  });
  const fake: unknown = { sql: { hasher, openCatalog, openDamageSession: async () => session } };
  return fake as Server;
}

function check(sql: string): CheckSpec<'sql'> {
  return { kind: 'sql', name: sql, sql, database: undefined, expect: { kind: 'notEmpty' }, timeoutMs: 5000 };
}

/** Checks that the tables exist in the restored database. */
function tablesCheck(name: string, database: string | undefined): CheckSpec<'tables'> {
  const tables = [{ table: 'page', minRows: 1 }];
  return { kind: 'tables', name, tables, expectedEmpty: [], maxDrop: undefined, database, timeoutMs: 5000 };
}

it('a failed check has caught the damage; one that the damage makes malformed has not', async () => {
  const entries = await prove([check('malformed'), check('damaged'), check('fine')]);
  expect(entries.map(({ caughtBy }) => caughtBy)).toEqual([['damaged']]);
});

it('a table of another database is not missing, so its check has not caught the damage', async () => {
  const entries = await prove([tablesCheck('of another', 'wiki'), tablesCheck('of this one', undefined)]);
  expect(entries.map(({ caughtBy }) => caughtBy)).toEqual([['of this one']]);
});

const BY_TABLE = 'a constraint or a trigger of the table refuses it';
it.each([
  [{ code: '23514' }, BY_TABLE],
  [{ code: 'P0001' }, BY_TABLE],
  [{ code: 'ER_BAD_NULL_ERROR', sqlState: '23000', errno: 1048 }, BY_TABLE],
  [{ code: 'ER_SIGNAL_EXCEPTION', sqlState: '45000', errno: 1644 }, BY_TABLE],
  [{ code: 'ER_CHECK_CONSTRAINT_VIOLATED', sqlState: 'HY000', errno: 3819 }, BY_TABLE],
  [{ code: '53100' }, 'the server could not do it (SQLSTATE 53100)'],
  [{ code: 'ER_LOCK_DEADLOCK', sqlState: '40001', errno: 1213 }, 'the server could not do it (SQLSTATE 40001)'],
])('damage that the server rejects with %j is not counted: %s', async (answer, why) => {
  const entries = await prove([check('fine')], () => Promise.reject(Object.assign(new Error('no'), answer)));
  expect(entries.map(({ skipped }) => skipped)).toEqual([why]);
});

it('an error that does not come from the server ends the proof', async () => {
  const lost = Object.assign(new Error('read ECONNRESET'), { code: 'EPIPE' });
  await expect(prove([check('fine')], () => Promise.reject(lost))).rejects.toBe(lost);
});

function prove(checks: readonly CheckSpec[], damage?: () => Promise<number>) {
  return proveChecks({
    server: server(damage),
    database: 'shop',
    kinds: new Set(DATA_DAMAGES),
    checks,
    onTrial: () => undefined,
    place: { file: 'a.yaml', checkLines: [1, 2, 3] },
    takenAt: new Date(0),
    restore: FROM_DUMP,
    neighbours: fakeNeighbours(),
    rpoMs: undefined,
    clock: { now: () => new Date(0), monotonicMs: () => 0 },
    signal: AbortSignal.timeout(STEP_TIMEOUT_MS),
    findPast: async () => [],
    snapshots: fakeSnapshots(),
  });
}
