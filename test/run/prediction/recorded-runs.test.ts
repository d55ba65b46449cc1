import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { medianEtaErrors } from '../../bench/restore/eta-errors.ts';
import { replayRun } from './replay-run.ts';

/**
 * Restores of the bench’s archive (497 MB of SQL) and plain dump (198 MB, gzip) into Postgres 17, as `npm run bench restore -- --record` wrote them, less
 * what predicts nothing. The machine had other work to do during the slower one, which took 1.8 times as long.
 */
const linesOf = (name: string) =>
  readFileSync(new URL(`./recorded/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n');

const first = replayRun(linesOf('archive-first-run'), []);
const second = replayRun(linesOf('archive-second-run'), [first.timing]);
const plain = replayRun(linesOf('plain-first-run'), []);
const slower = replayRun(linesOf('plain-slower-run'), [plain.timing]);

it('first runs have a time left that is off by less than a fifth in the median half way, and by less than 0.3 from there on', () => {
  const alone = ['archive-second-run', 'plain-slower-run'].map((name) => replayRun(linesOf(name), []));
  const all = [first, plain, ...alone].map(({ etaErrors }) => etaErrors);
  for (const error of [first, plain].flatMap(({ etaErrors }) => etaErrors.slice(1)))
    expect(Math.abs(error ?? 1)).toBeLessThan(0.3);
  const [, halfWay, late] = medianEtaErrors(all);
  expect(halfWay).toBeLessThan(0.2);
  expect(late).toBeLessThan(0.3);
});

it('a run that is slower throughout than the earlier one is known to be so from half way on', () => {
  expect(Math.abs(slower.etaErrors[1] ?? 1)).toBeLessThan(0.1);
  expect(Math.abs(slower.etaErrors[2] ?? 1)).toBeLessThan(0.25);
});

it('what is left shrinks between two large steps of a part', () => {
  for (const { predictions, recoveryTimeMs } of [plain, slower]) {
    for (const { finish } of predictions) if (finish) expect(finish.likelyMs).toBeLessThan(recoveryTimeMs * 1.25);
  }
});

it('a run with an earlier one has such a time left at a quarter of the way', () => {
  expect(Math.abs(second.etaErrors[0] ?? 1)).toBeLessThan(0.2);
});

it('at every moment something is left, the range holds the likely finish, and the last prediction is the recovery time', () => {
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
