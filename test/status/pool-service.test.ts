import { expect, test } from 'vitest';
import { poolSubject } from '../../src/notify/pool-subject.ts';
import type { RunnerRecord } from '../../src/record/queue-store.ts';
import { isDefaultPoolQueued, poolService } from '../../src/status/pool-service.ts';
import { NOON } from '../support/run-records.ts';
import { daemonOf } from '../support/schedule-records.ts';

const after = (seconds: number) => new Date(NOON.getTime() + seconds * 1000);
const runnerOf = (host: string, changes: Partial<RunnerRecord> = {}): RunnerRecord => ({
  ...daemonOf(),
  owner: `${host}/boot/1/1`,
  pool: 'eu',
  ...changes,
});

test('a pool is served by its own runners that live, each host once', () => {
  const runners = [runnerOf('b'), runnerOf('a'), runnerOf('b'), runnerOf('c', { pool: 'us' })];
  expect(poolService('eu', [...runners, runnerOf('d', { stoppedAt: NOON })], after(15))).toStrictEqual({
    pool: 'eu',
    isServed: true,
    sentence: 'pool eu is served by a, b',
    lastSeenAt: undefined,
  });
});

test('a runner whose clock is a minute behind serves its pool; one that is silent for longer does not', () => {
  expect(poolService('eu', [runnerOf('a')], after(75)).isServed).toBe(true);
  expect(poolService('eu', [runnerOf('a')], after(121))).toMatchObject({
    isServed: false,
    sentence: 'no runner serves pool eu; last seen 2 min ago on a',
    lastSeenAt: NOON,
  });
  expect(poolService('eu', [runnerOf('a', { stoppedAt: NOON })], after(1)).isServed).toBe(false);
  expect(poolService('eu', [], NOON).sentence).toBe('no runner serves pool eu; none ever has');
});

test('a pool without a runner is an alert after five minutes, with the command that starts one', () => {
  const told = (seconds: number) => poolSubject(poolService('eu', [runnerOf('a')], after(seconds)), after(seconds));
  expect(told(299).standing).toMatchObject({ drill: 'pool:eu', state: 'errored', isProvisional: true });
  expect(told(300)).toMatchObject({
    standing: { state: 'errored', isProvisional: false },
    told: {
      headline: 'NO RUNNER eu: no runner serves pool eu; last seen 5 min ago on a',
      nextStep: 'Start one on a machine of that pool: `firedrill runner --pool eu`.',
    },
  });
  expect(told(10)).toMatchObject({
    standing: { state: 'passed', isProvisional: false },
    told: { headline: 'POOL SERVED eu: pool eu is served by a' },
  });
});

test('the default pool is queued once no scheduler runs drills itself', () => {
  const daemon = (sandboxes: number, minutes: number) =>
    daemonOf({ sandboxes, beatAt: new Date(NOON.getTime() - minutes * 60_000), stoppedAt: undefined });
  expect(isDefaultPoolQueued([], NOON)).toBe(false);
  expect(isDefaultPoolQueued([daemon(0, 0), daemon(2, 60)], NOON)).toBe(true);
  expect(isDefaultPoolQueued([daemon(0, 0), daemon(2, 1)], NOON)).toBe(false);
});
