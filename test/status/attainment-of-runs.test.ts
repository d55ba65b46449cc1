import { expect, it } from 'vitest';
import { attainmentOf, describeAttainment } from '../../src/status/attainment-of-runs.ts';

it('counts runs with a verdict only', () => {
  const runs = [{ verdict: 'passed' }, { verdict: 'failed' }, { verdict: undefined }] as const;
  expect(attainmentOf(runs)).toEqual({ met: 1, judged: 2 });
});

it.each([
  [0, 0, '–'],
  [36, 36, '100 % (36 of 36)'],
  [999, 1000, '99 % (999 of 1000)'],
  [0, 4, '0 % (0 of 4)'],
])('%i of %i', (met, judged, text) => {
  expect(describeAttainment({ met, judged })).toBe(text);
});
