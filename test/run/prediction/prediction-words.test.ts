import { expect, test } from 'vitest';
import { describePrediction } from '../../../src/run/prediction/prediction-words.ts';

test('an RTO that cannot be shown as a clock time is written as a duration', () => {
  const of = (rtoMs: number) => describePrediction({ elapsedMs: 250_000, rtoMs, finish: undefined, why: '' });
  expect(of(900_000)).toBe('4:10 of 15:00');
  expect(of(400)).toBe('4:10 of 400 ms');
  expect(of(1500)).toBe('4:10 of 1.5 s');
});
