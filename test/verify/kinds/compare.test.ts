import { expect, test } from 'vitest';
import type { Cell, QueryResult } from '../../../src/engines/query-result.ts';
import { compareCheck } from '../../../src/verify/kinds/compare/compare-check.ts';
import { fakeContext } from '../fake-pool.ts';

function resultOf(columns: readonly string[], rows: readonly (readonly Cell[])[], truncated = false): QueryResult {
  return { columns, rows, truncated };
}

const single = (value: Cell) => resultOf(['n'], [[value]]);
const grouped = (...rows: readonly (readonly Cell[])[]) => resultOf(['status', 'n'], rows);

/** Runs the check on one result after the other; the second is compared with the first. */
async function runs(file: Record<string, unknown>, ...results: readonly QueryResult[]) {
  const parsed = compareCheck.schema.parse({ name: 'c', compare: 'select 1', ...file });
  const check = compareCheck.resolve(parsed, () => undefined);
  if (!check) throw new Error('not a check');
  let last: Awaited<ReturnType<typeof compareCheck.run>> | undefined;
  for (const result of results) {
    const record = last && { name: 'c', durationMs: 1, ...last };
    const at = new Date('2026-11-20T03:00:00Z');
    const previous = async () => (record ? [{ runId: 'run-1', startedAt: at, takenAt: at, record }] : []);
    last = await compareCheck.run(
      check,
      fakeContext(async () => result, { previous }),
    );
  }
  return last;
}

test('the first run sets the baseline, and says so', async () => {
  expect(await runs({}, single(5n))).toMatchObject({
    passed: true,
    expected: 'no change since the last good run',
    actual: 'learned 1 row: there is no good run to compare with',
  });
});

test.each([
  ['none', 5n, 5n, true, '5 since run run-1'],
  ['none', 5n, 6n, false, '6, 5 before (+20%) since run run-1'],
  ['none', '10.00', '10.0', true, '10.0, 10.00 before (unchanged) since run run-1'],
  ['none', 'a', 'a', true, '1 row, as allowed since run run-1'],
  ['none', 'a', 'b', false, 'another value, another value before since run run-1'],
  ['growth', 5n, 6n, true, '6, 5 before (+20%) since run run-1'],
  ['growth', 5n, 4n, false, '4, 5 before (-20%) since run run-1'],
  [
    'growth',
    '9007199254740993',
    '9007199254740992',
    false,
    '9007199254740992, 9007199254740993 before (unchanged) since run run-1',
  ],
  [
    'growth',
    new Date(2000),
    new Date(3000),
    true,
    '1970-01-01T00:00:03.000Z, 1970-01-01T00:00:02.000Z before since run run-1',
  ],
  [
    'growth',
    new Date(2000),
    new Date(1000),
    false,
    '1970-01-01T00:00:01.000Z, 1970-01-01T00:00:02.000Z before since run run-1',
  ],
  ['growth', 5n, null, false, 'no value, 5 before since run run-1'],
  ['-5%..+20%', 100, 95, true, '95, 100 before (-5%) since run run-1'],
  ['-5%..+20%', 100, 94, false, '94, 100 before (-6%) since run run-1'],
  ['-5%..+20%', -100, -95, true, '-95, -100 before (+5%) since run run-1'],
  ['-5%..+20%', 0, 7, true, '7, 0 before (from nothing) since run run-1'],
  [
    '-5%..+20%',
    new Date(2000),
    new Date(3000),
    false,
    '1970-01-01T00:00:03.000Z, 1970-01-01T00:00:02.000Z before since run run-1',
  ],
] as const)('%s: %s, then %s', async (change, before, after, passed, actual) => {
  expect(await runs({ change }, single(before), single(after))).toMatchObject({ passed, actual });
});

test('rows are identified by the first column, in any order', async () => {
  const before = grouped(['open', 10n], ['paid', 100n]);
  expect(await runs({ change: 'growth' }, before, grouped(['paid', 110n], ['open', 10n]))).toMatchObject({
    passed: true,
  });
  expect(await runs({ change: 'growth', showKeys: true }, before, grouped(['paid', 90n], ['new', 1n]))).toMatchObject({
    passed: false,
    details: ['row open is gone', 'row paid: 90, 100 before (-10%)'],
  });
  expect(await runs({ showKeys: true }, before, grouped(['open', 10n], ['paid', 100n], ['new', 1n]))).toMatchObject({
    passed: false,
    actual: 'row new is new since run run-1',
  });
});

test('only numbers are stored or shown, unless the drill allows keys', async () => {
  const before = grouped(['alice@example.com', 'secret note'], ['bob@example.com', '4915112345678']);
  const after = grouped(['alice@example.com', 'other note'], ['bob@example.com', '4915112345679']);
  const found = JSON.stringify(await runs({}, before, after));
  expect(found).not.toMatch(/alice|bob|note|49151/);
  expect(found).toContain('"passed":false');
});

test.each([
  ['too many rows', {}, resultOf(['n'], [[1]], true), 'the query returns more than 1,000 rows'],
  ['a key that is no column', { key: ['id'] }, grouped(['a', 1]), 'the query returns no column id, which `key` names'],
  ['rows with the same key', {}, grouped(['a', 1], ['a', 2]), 'several rows have the same status'],
])('%s makes the check malformed', async (_what, file, result, message) => {
  await expect(runs(file, result)).rejects.toMatchObject({ code: 'check-malformed', message });
});

test.each([
  [{ change: 'some' }, 'must be none, growth, or a range of change such as -5%..+20%'],
  [{ change: '-100%..' }, 'must be none, growth, or a range of change such as -5%..+20%'],
  [{ key: [] }, 'is empty; must be a list of columns'],
])('refuses %j', (file, message) => {
  const { error } = compareCheck.schema.safeParse({ name: 'c', compare: 'select 1', ...file });
  expect(error?.issues[0]?.message).toBe(message);
});
