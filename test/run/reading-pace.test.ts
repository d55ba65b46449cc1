import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it, vi } from 'vitest';
import { ReadingPace, smallestShare } from '../../src/run/reading-pace.ts';
import { runningRun } from '../support/run-records.ts';
import { makeFakeDrill, useFakeTime } from './fake-drill.ts';

useFakeTime();

const CHUNK = 100_000;
const BUCKET = { of: 's3://acme/', bytesPerSecond: 10 * CHUNK };
const FOLDER = { of: 's3://acme/orders/', bytesPerSecond: 6 * CHUNK };
const reader = (...readsFrom: string[]) => ({ readsFrom });

it('splits a limit equally among the runs in progress that read from under its path', () => {
  const pace = new ReadingPace([BUCKET, FOLDER], { monotonicMs: () => 0 });
  const sources = ['s3://acme/orders/'];
  expect(pace.shareOf(sources)).toMatchObject({ of: FOLDER.of, bytesPerSecond: 6 * CHUNK });
  pace.divide([reader('s3://acme/orders/'), reader('s3://acme/billing/', '/srv'), reader('/srv')]);
  expect(pace.shareOf(sources)).toEqual({
    of: BUCKET.of,
    limitBytesPerSecond: 10 * CHUNK,
    bytesPerSecond: 5 * CHUNK,
  });
  expect(pace.shareOf(['/srv'])).toBeUndefined();
});

it('never throttles a run so much that its source would count as broken', () => {
  expect(smallestShare([BUCKET], ['s3://acme/x/'], () => 1000)?.bytesPerSecond).toBe(128 * 1024);
});

it('throttles all reads of a run together, and says for how long', async () => {
  const pace = new ReadingPace([BUCKET], { monotonicMs: () => Date.now() });
  pace.divide([reader('s3://acme/a/'), reader('s3://acme/b/')]);
  const source = (description: string) => ({
    description,
    prefix: '',
    list: async function* () {
      yield* [];
    },
    readTags: async () => ({}),
    read: async () => Readable.from(Array.from({ length: 10 }, () => Buffer.alloc(CHUNK))),
    close: () => undefined,
  });
  const unlimited = source('/srv');
  expect(pace.apply(unlimited)).toBe(unlimited);
  const paced = pace.apply(source('s3://acme/a/'));
  const object = { key: 'a', sizeBytes: 10 * CHUNK, modifiedAt: new Date(0), etag: 'e' };
  const range = { start: 0, end: 10 * CHUNK };
  const { signal } = new AbortController();
  const startMs = Date.now();
  const bodies = [await paced.read(object, range, signal), await paced.read(object, range, signal)];
  let ms = 0;
  const reading = Promise.all(bodies.map((body) => buffer(body))).then(() => {
    ms = Date.now() - startMs;
  });
  await vi.advanceTimersByTimeAsync(10_000);
  await reading;
  expect(ms).toBe(3800); // 20 chunks at 5 per second take 4 s; the last is let through 200 ms earlier
  expect(pace.held).toEqual({ of: BUCKET.of, limitBytesPerSecond: 10 * CHUNK, bytesPerSecond: 5 * CHUNK, ms: 3800 });
});

it('a run whose source has a limit is throttled to its share, and records it', async () => {
  const limits = { runs: [], rates: [{ of: '/backups', bytesPerSecond: 10 * CHUNK }] };
  const load = () => new Promise((resolve) => setTimeout(resolve, 5000));
  const fake = makeFakeDrill({ limits, content: Buffer.alloc(4 * 2 ** 20, '-- x\n'), hooks: { load } });
  await fake.store.claim(runningRun({ id: 'other', drill: 'billing', readsFrom: ['/backups/billing'] }));
  const running = fake.run();
  await vi.advanceTimersByTimeAsync(30_000);
  const { id, reading } = await running;
  expect(reading?.held).toMatchObject({ of: '/backups', limitBytesPerSecond: 10 * CHUNK, bytesPerSecond: 5 * CHUNK });
  expect(reading?.held?.ms).toBeGreaterThan(0);
  const log = await fake.store.getLog(id);
  expect(log.map(({ message }) => message)).toContain('reads at most 500 kB/s, its share of 1.00 MB/s for /backups');
  expect(vi.getTimerCount()).toBe(0);
});
