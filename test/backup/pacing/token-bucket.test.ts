import { expect, it } from 'vitest';
import { TokenBucket } from '../../../src/backup/pacing/token-bucket.ts';

function makeBucket(bytesPerSecond: number) {
  let nowMs = 5000;
  const bucket = new TokenBucket(bytesPerSecond, () => nowMs);
  return {
    bucket,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

it('lets bytes through at its rate, in the order of the requests', () => {
  const { bucket, pass } = makeBucket(1000);
  expect([500, 500, 2000, 1].map((bytes) => bucket.take(bytes))).toEqual([0, 500, 1000, 3000]);
  pass(3000);
  expect(bucket.take(1)).toBeCloseTo(1);
});

it('makes up for one second of a pause at most', () => {
  const { bucket, pass } = makeBucket(1000);
  pass(60_000);
  expect([1000, 1000].map((bytes) => bucket.take(bytes))).toEqual([0, 0]);
  expect(bucket.take(1)).toBe(1000);
});

it('applies a new rate from the next bytes on', () => {
  const { bucket } = makeBucket(1000);
  expect(bucket.take(1000)).toBe(0);
  bucket.setRate(100);
  expect(bucket.take(100)).toBe(1000);
  expect(bucket.take(1)).toBe(2000);
});
