import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it, vi } from 'vitest';
import { pacedSource } from '../../../src/backup/pacing/paced-source.ts';
import type { BackupSource } from '../../../src/backup/source.ts';
import { useFakeTime } from '../../run/fake-drill.ts';

useFakeTime();

const OBJECT = { key: 'a', sizeBytes: 4, modifiedAt: new Date(0), etag: 'e' };
const RANGE = { start: 0, end: 4 };
const { signal } = new AbortController();

/** A source with every optional feature. */
function fullSource(body: () => Readable): BackupSource & Required<Pick<BackupSource, 'requestCount'>> {
  const none = async function* () {
    yield* [];
  };
  return {
    description: 's3://acme/',
    prefix: 'x/',
    hasCostlyRanges: true,
    list: none,
    listAfter: none,
    listVersions: none,
    checkReadable: async () => [],
    readTags: async () => ({}),
    read: async () => body(),
    principal: async () => 'alice',
    requestCount: () => 7,
    protection: { ask: vi.fn(), probe: vi.fn() },
    close: () => undefined,
  };
}

it('delays what is read, and passes on everything else unchanged', async () => {
  const waits = [0, 400, 600];
  const changes: number[] = [];
  const source = fullSource(() => Readable.from([Buffer.from('a'), Buffer.from('b'), Buffer.from('cd')]));
  const paced = pacedSource(source, { take: () => waits.shift() ?? 0, onWait: (change) => changes.push(change) });
  expect(Object.keys(paced).toSorted()).toEqual(Object.keys(source).toSorted());
  expect([paced.requestCount?.(), await paced.principal?.(signal)]).toEqual([7, 'alice']);

  let read = '';
  const body = await paced.read(OBJECT, RANGE, signal);
  const reading = buffer(body).then((bytes) => {
    read = bytes.toString();
  });
  await vi.advanceTimersByTimeAsync(999);
  expect(read).toBe('');
  await vi.advanceTimersByTimeAsync(2);
  await reading;
  expect(read).toBe('abcd');
  expect(changes).toEqual([1, -1, 1, -1]);
});

it('stops waiting when the stream is destroyed, and passes errors on', async () => {
  const changes: number[] = [];
  const pace = { take: () => 60_000, onWait: (change: number) => changes.push(change) };
  const inner = Readable.from([Buffer.from('a')]);
  const body = await pacedSource(
    fullSource(() => inner),
    pace,
  ).read(OBJECT, RANGE, signal);
  body.resume();
  await vi.advanceTimersByTimeAsync(10);
  body.destroy();
  await vi.advanceTimersByTimeAsync(10);
  expect([changes, inner.destroyed, vi.getTimerCount()]).toEqual([[1, -1], true, 0]);

  const failing = new Readable({ read: () => undefined });
  const failed = await pacedSource(
    fullSource(() => failing),
    pace,
  ).read(OBJECT, RANGE, signal);
  failing.destroy(new Error('the store went away'));
  await expect(buffer(failed)).rejects.toThrow('the store went away');
});
