import { duration } from '../../config/fields.ts';
import { formatDuration, parseDurationMs } from '../../support/quantities.ts';
import { asInstant } from '../compare-values.ts';
import { showValue } from '../show-value.ts';
import { defineExpectation } from './expectation-kind.ts';
import { singleValue } from './single-value.ts';

interface NewerThan {
  readonly kind: 'newerThan';
  readonly ageMs: number;
}

/**
 * A `takenAt` read from a name may be just a date (midnight), and a server may use local time up to 14 hours ahead of UTC, so values up to two days after it
 * are plausible. A later value means that the clock or the data is wrong, and does not prove freshness.
 */
const FUTURE_TOLERANCE_MS = 2 * 86_400_000;

export const newerThan = defineExpectation({
  key: 'newerThan',
  schema: duration().describe(
    'The value, an instant, is at most this much older than the time at which the backup was taken.',
  ),
  resolve: (age: string): NewerThan => ({ kind: 'newerThan', ageMs: parseDurationMs(age) ?? Number.NaN }),
  describe: ({ ageMs }, { takenAt }) =>
    `at most ${formatDuration(ageMs)} older than the backup of ${takenAt.toISOString()}`,
  ...singleValue<NewerThan>((cell, { ageMs }, { takenAt }) => {
    if (cell === null) return 'no value';
    const instant = asInstant(cell);
    if (instant === undefined) return `${showValue(cell)}, which is not an instant`;
    const ageOfValueMs = takenAt.getTime() - Number(instant / 1000n);
    if (ageOfValueMs < -FUTURE_TOLERANCE_MS) {
      return `${showValue(cell)}, ${formatDuration(-ageOfValueMs)} after the backup was taken`;
    }
    return ageOfValueMs <= ageMs ? undefined : `${showValue(cell)}, ${formatDuration(ageOfValueMs)} older`;
  }),
});
