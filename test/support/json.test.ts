import { expect, it } from 'vitest';
import { toJson } from '../../src/support/json.ts';

it.each([
  [
    { durationMs: 3.25, ratio: 0.25 },
    { durationMs: 3, ratio: 0.25 },
  ],
  [{ stagesMs: { locate: 1.5, plan: undefined } }, { stagesMs: { locate: 2 } }],
  [{ intervalMs: [1.4, 2.6] }, { intervalMs: [1, 3] }],
  [
    { etaMs: null, waitMs: undefined, name: '1.5 Ms' },
    { etaMs: null, name: '1.5 Ms' },
  ],
  [
    { runs: [{ recoveryTimeMs: 4000.5, at: new Date(0) }] },
    { runs: [{ recoveryTimeMs: 4001, at: '1970-01-01T00:00:00.000Z' }] },
  ],
])('writes the durations of %j as whole milliseconds', (value, written) => {
  expect(JSON.parse(toJson(value))).toStrictEqual(written);
});
