import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { replayRun } from './replay-run.ts';

/** Restores of the bench’s archive (497 MB of SQL) into Postgres 17, as `npm run bench restore -- --record` wrote them, less what predicts nothing. */
const linesOf = (name: string) =>
  readFileSync(new URL(`./recorded/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n');

const first = replayRun(linesOf('archive-first-run'), []);
const second = replayRun(linesOf('archive-second-run'), [first.timing]);

it('a first run has a time left that is off by less than a fifth from half way on', () => {
  for (const error of first.etaErrors.slice(1)) expect(Math.abs(error ?? 1)).toBeLessThan(0.2);
});

it('a run with an earlier one has such a time left at a quarter of the way', () => {
  expect(Math.abs(second.etaErrors[0] ?? 1)).toBeLessThan(0.2);
});

it('at every moment something is left, the range holds the likely finish, and the last prediction is the recovery time', () => {
  for (const { predictions, recoveryTimeMs } of [first, second]) {
    for (const { finish, elapsedMs } of predictions) {
      if (!finish) continue;
      expect(finish.likelyMs).toBeGreaterThanOrEqual(elapsedMs);
      expect(finish.lowMs).toBeLessThanOrEqual(finish.likelyMs);
      expect(finish.highMs).toBeGreaterThanOrEqual(finish.likelyMs);
    }
    expect(predictions.at(-1)?.finish?.likelyMs).toBe(recoveryTimeMs);
  }
});
