import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { medianEtaErrors } from '../../bench/restore/eta-errors.ts';
import { replayRun } from './replay-run.ts';
import { type Factors, stretchRun } from './stretch-run.ts';

/** Real restores: a fast start from read-ahead data, indexes built in few large steps, a seal. */
const directory = new URL('./recorded/', import.meta.url);
const recorded = readdirSync(directory).map((name) =>
  readFileSync(new URL(name, directory), 'utf8').trim().split('\n'),
);

/** 10 to 300 times the data; indexes, seal and checks take more or less time in proportion than in the recorded run. */
const factors: fc.Arbitrary<Factors> = fc
  .record({
    data: fc.double({ min: 10, max: 300, noNaN: true }),
    index: fc.double({ min: 0.6, max: 1.4, noNaN: true }),
    seal: fc.double({ min: 0.02, max: 0.1, noNaN: true }),
    verify: fc.double({ min: 0.02, max: 1, noNaN: true }),
  })
  .map(({ data, index, seal, verify }) => ({
    ...{ unpack: data, load: data, index: data * index },
    ...{ seal: 1 + data * seal, verify: 1 + data * verify },
  }));

const sample = fc.sample(fc.tuple(fc.constantFrom(...recorded), factors), { numRuns: 120, seed: 16 });

it('at a quarter of the way, the median error of the time left in the first run of a large backup is at most a fifth', () => {
  const all = sample.map(([lines, stretch]) => replayRun(stretchRun(lines, stretch), []).etaErrors);
  expect(all.filter(([quarter]) => quarter !== undefined).length).toBeGreaterThan(0.9 * all.length);
  expect(medianEtaErrors(all)[0]).toBeLessThanOrEqual(0.2);
});

it('a first run of seconds says that there is no estimate yet until its data has loaded for a while', () => {
  for (const lines of recorded) {
    const { predictions } = replayRun(lines, []);
    const first = predictions.findIndex(({ finish }) => finish !== undefined);
    expect(predictions[first]?.elapsedMs).toBeGreaterThan(3500);
    expect(new Set(predictions.slice(0, first).map(({ why }) => why))).toEqual(
      new Set(['no estimate yet: first run, measuring its rate']),
    );
  }
});
