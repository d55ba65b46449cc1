import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { medianEtaErrors } from '../../bench/restore/eta-errors.ts';
import { replayRun } from './replay-run.ts';

/**
 * Restores of the bench’s archive (497 MB of SQL) and plain dump (198 MB, gzip) into Postgres 17, as written by `npm run bench restore -- --record`,
 * without the lines that do not affect predictions. The machine was busy during the slower one, which took 1.8 times as long.
 */
const linesOf = (name: string) =>
  readFileSync(new URL(`./recorded/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n');

const first = replayRun(linesOf('archive-first-run'), []);
const second = replayRun(linesOf('archive-second-run'), [first.timing]);
const plain = replayRun(linesOf('plain-first-run'), []);
const slower = replayRun(linesOf('plain-slower-run'), [plain.timing]);

it('halfway, the median error of the time left in first runs is below a fifth, and it stays below 0.3 from there on', () => {
  const alone = ['archive-second-run', 'plain-slower-run'].map((name) => replayRun(linesOf(name), []));
  const all = [first, plain, ...alone].map(({ etaErrors }) => etaErrors);
  for (const error of [first, plain].flatMap(({ etaErrors }) => etaErrors.slice(1)))
    expect(Math.abs(error ?? 1)).toBeLessThan(0.3);
  const [, halfWay, late] = medianEtaErrors(all);
  expect(halfWay).toBeLessThan(0.2);
  expect(late).toBeLessThan(0.3);
});

it('from halfway on, the prediction reflects that a run is slower throughout than the earlier one', () => {
  expect(Math.abs(slower.etaErrors[1] ?? 1)).toBeLessThan(0.1);
  expect(Math.abs(slower.etaErrors[2] ?? 1)).toBeLessThan(0.25);
});

it('the time left shrinks between two large steps of a part', () => {
  for (const { predictions, recoveryTimeMs } of [plain, slower]) {
    for (const { finish } of predictions) if (finish) expect(finish.likelyMs).toBeLessThan(recoveryTimeMs * 1.25);
  }
});

it('with an earlier run, the time left is off by less than a fifth at a quarter of the way', () => {
  expect(Math.abs(second.etaErrors[0] ?? 1)).toBeLessThan(0.2);
});

it('some time is always left, the range contains the likely finish, and the last prediction equals the recovery time', () => {
  for (const { predictions, recoveryTimeMs } of [first, second, plain, slower]) {
    for (const { finish, elapsedMs } of predictions) {
      if (!finish) continue;
      expect(finish.likelyMs).toBeGreaterThanOrEqual(elapsedMs);
      expect(finish.lowMs).toBeLessThanOrEqual(finish.likelyMs);
      expect(finish.highMs).toBeGreaterThanOrEqual(finish.likelyMs);
    }
    expect(predictions.at(-1)?.finish?.likelyMs).toBe(recoveryTimeMs);
  }
});
