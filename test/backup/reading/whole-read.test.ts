import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { readRanged } from '../../../src/backup/reading/ranged-read.ts';
import { readWhole } from '../../../src/backup/reading/whole-read.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { failure, never } from '../../contracts/source-contract.ts';
import { memorySource } from '../memory-source.ts';

describe('a sequential read', () => {
  it('takes one request of any size where ranges are costly', async () => {
    const body = randomBytes(9_000_000);
    const { source, object, reads } = memorySource(body);
    const meter = { bytesRead: 0 };
    const read = readRanged({ ...source, hasCostlyRanges: true }, object, { signal: never(), meter });
    expect((await buffer(read)).equals(body)).toBe(true);
    expect(reads).toEqual([{ start: 0, end: 9_000_000 }]);
    expect(meter).toEqual({ bytesRead: 9_000_000, readsUnderWay: 0 });
  });

  it('pauses the store while nothing reads, without counting that as waiting for the store', async () => {
    const { source, object } = memorySource(Buffer.alloc(0), { zeros: 50_000_000 });
    const meter = { bytesRead: 0, readsUnderWay: 0 };
    const stream = readWhole(source, object, { signal: never(), meter });
    const first = await new Promise<Buffer>((resolve) =>
      stream.once('readable', () => resolve(stream.read(1) as Buffer)),
    );
    await new Promise((resolve) => setImmediate(resolve));
    const reads = meter.bytesRead;
    await new Promise((resolve) => setImmediate(resolve));
    expect(first).toHaveLength(1);
    expect(meter).toEqual({ bytesRead: reads, readsUnderWay: 0 });
    expect(reads).toBeLessThan(3_000_000);
    stream.destroy();
  });

  it('counts time in which the store sends nothing as waiting for it', async () => {
    const { source, object } = memorySource(Buffer.alloc(10), { stall: true });
    const meter = { bytesRead: 0, readsUnderWay: 0 };
    const stream = readWhole(source, object, { signal: never(), meter });
    stream.resume();
    await new Promise((resolve) => setImmediate(resolve));
    expect(meter.readsUnderWay).toBe(1);
    stream.destroy();
    expect(meter.readsUnderWay).toBe(0);
  });

  it('ends with the error of the store, or the reason of its signal', async () => {
    const failing = memorySource(Buffer.alloc(10), {
      beforeRead: () => Promise.reject(new DrillError('backup-changed', 'a.dump was deleted')),
    });
    const meter = { bytesRead: 0 };
    const failed = buffer(readWhole(failing.source, failing.object, { signal: never(), meter }));
    expect((await failure(failed)).code).toBe('backup-changed');

    const stalled = memorySource(Buffer.alloc(10), { stall: true });
    const abort = new AbortController();
    const stopped = buffer(readWhole(stalled.source, stalled.object, { signal: abort.signal, meter }));
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort(new DrillError('interrupted', 'stopped by the test'));
    expect((await failure(stopped)).message).toBe('stopped by the test');
    expect(stalled.openStreams()).toBe(0);
  });
});
