import { expect, test } from 'vitest';
import type { PastCheck } from '../../src/record/check-record.ts';
import { compareSize } from '../../src/run/watch-size.ts';

const DAY_MS = 86_400_000;
const BASELINE = { size: { low: -0.3, high: 0.5 }, sinceMs: 14 * DAY_MS };

/** Sizes of good runs, newest first, a day apart. */
async function* past(...sizes: readonly number[]): AsyncIterable<PastCheck> {
  for (const [daysAgo, bytes] of sizes.entries()) {
    const at = new Date(Date.parse('2026-11-20T03:00:00Z') - daysAgo * DAY_MS);
    const record = { name: 's', passed: true, expected: '', actual: '', durationMs: 0, measured: { bytes } };
    yield { runId: `run-${daysAgo}`, startedAt: at, takenAt: at, record };
  }
}

test('the first run sets the baseline, and says so', async () => {
  expect(await compareSize(5_000_000, past(), BASELINE)).toStrictEqual({
    name: 'size of the backup (baseline)',
    passed: true,
    expected: 'within -30%..+50% of the last good runs',
    actual: 'learned 5.00 MB: there is no good run to compare with',
    measured: { bytes: 5_000_000 },
    question: expect.any(String),
  });
});

test.each([
  [4_000_000, true, '4.00 MB, 5.00 MB before (-20%)'],
  [2_000_000, false, '2.00 MB, 5.00 MB before (-60%)'],
  [9_000_000, false, '9.00 MB, 5.00 MB before (+80%)'],
])('a backup of %i bytes after one of 5 MB: %s', async (bytes, passed, actual) => {
  expect(await compareSize(bytes, past(5_000_000, 4_900_000), BASELINE)).toMatchObject({ passed, actual });
});

test('a small backup may change by some kilobytes', async () => {
  expect((await compareSize(1500, past(5000), BASELINE)).passed).toBe(true);
});
