import { expect, test } from 'vitest';
import type { PastCheck } from '../../../src/record/check-record.ts';
import { sizeCheck } from '../../../src/verify/kinds/size/size-check.ts';
import { fakeCatalog, fakeContext, resultOf, tableOf } from '../fake-pool.ts';

const MIB = 2 ** 20;
const check = {
  kind: 'size',
  name: 'size',
  size: { low: -0.2, high: 0.5 },
  sinceMs: 14 * 86_400_000,
  database: undefined,
  timeoutMs: 1000,
} as const;

function run(bytes: readonly (number | undefined)[], before?: number) {
  const tables = bytes.map((size, index) => ({ ...tableOf(`t${index}`), bytes: size }));
  const measured = before === undefined ? undefined : { bytes: before };
  const record = { name: 'size', passed: true, expected: '', actual: '', durationMs: 1 };
  const takenAt = new Date('2026-11-20T03:00:00Z');
  const past: PastCheck[] = measured
    ? [{ runId: 'r', startedAt: takenAt, takenAt, record: { ...record, measured } }]
    : [];
  const context = fakeContext(async () => resultOf(), { catalog: fakeCatalog({ tables }), previous: async () => past });
  return sizeCheck.run(check, context);
}

test('records the size of all tables first, and is then compared with it', async () => {
  expect(await run([60 * MIB, 40 * MIB, undefined])).toMatchObject({
    passed: true,
    actual: 'learned 105 MB: there is no good run to compare with',
    measured: { bytes: 100 * MIB },
  });
  expect(await run([90 * MIB], 100 * MIB)).toMatchObject({ passed: true, actual: '94.4 MB, 105 MB before (-10%)' });
  expect(await run([70 * MIB], 100 * MIB)).toMatchObject({ passed: false, actual: '73.4 MB, 105 MB before (-30%)' });
  expect(await run([170 * MIB], 100 * MIB)).toMatchObject({ passed: false });
});

test('fails without a table, and is malformed if the server does not report sizes', async () => {
  expect(await run([])).toMatchObject({ passed: false, actual: 'no table' });
  await expect(run([undefined])).rejects.toMatchObject({ code: 'check-malformed' });
});
