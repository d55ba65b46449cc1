import { expect, it } from 'vitest';
import { describeAttainment } from '../../src/status/attainment-of-runs.ts';

it.each([
  [0, 0, '–'],
  [36, 36, '100 % (36 of 36)'],
  [999, 1000, '99 % (999 of 1000)'],
  [0, 4, '0 % (0 of 4)'],
])('%i of %i', (met, judged, text) => {
  expect(describeAttainment({ met, judged })).toBe(text);
});
