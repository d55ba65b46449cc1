import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRanged, splitRange } from '../../../src/backup/reading/ranged-read.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { failure, never } from '../../contracts/source-contract.ts';
import { memorySource } from '../memory-source.ts';

describe('a ranged read', () => {
  it('covers an object exactly, whatever the object and part sizes', () => {
    fc.assert(
      fc.property(fc.nat(3000), fc.integer({ min: 1, max: 500 }), (sizeBytes, partBytes) => {
        const ranges = splitRange(sizeBytes, partBytes);
        let next = 0;
        for (const { start, end } of ranges) {
          expect(start).toBe(next);
          expect(end - start).toBeGreaterThan(0);
          expect(end - start).toBeLessThanOrEqual(partBytes);
          next = end;
        }
        expect(next).toBe(sizeBytes);
      }),
    );
  });

  it('returns the same bytes for any part size, parallelism and order of responses', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 5000 }),
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 1, max: 6 }),
        fc.scheduler(),
        async (body, partBytes, parallel, scheduler) => {
          const { source, object } = memorySource(Buffer.from(body), {
            beforeRead: () => scheduler.schedule(Promise.resolve()),
          });
          const meter = { bytesRead: 0 };
          const read = buffer(readRanged(source, object, { signal: never(), meter, partBytes, parallel }));
          await scheduler.waitFor(read);
          expect((await read).equals(body)).toBe(true);
          expect(meter.bytesRead).toBe(body.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes one request for a small object', async () => {
    const { source, object, reads } = memorySource(randomBytes(1_000_000));
    await buffer(readRanged(source, object, { signal: never(), meter: { bytesRead: 0 } }));
    expect(reads).toEqual([{ start: 0, end: 1_000_000 }]);
  });

  it('requests only its parallel parts while nothing reads', async () => {
    const { source, object, reads } = memorySource(Buffer.alloc(0), { zeros: 100_000_000 });
    const meter = { bytesRead: 0 };
    const stream = readRanged(source, object, { signal: never(), meter, partBytes: 2_000_000, parallel: 3 });
    stream.once('readable', () => undefined);
    for (let turn = 0; turn < 300; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toHaveLength(3);
    expect(meter.bytesRead).toBe(6_000_000);
    stream.destroy();
  });

  it('buffers a bounded number of bytes while a slow reader takes 100 MB', async () => {
    const sizeBytes = 100_000_000;
    const { source, object } = memorySource(Buffer.alloc(0), { zeros: sizeBytes });
    const meter = { bytesRead: 0 };
    let takenBytes = 0;
    let mostHeldBytes = 0;
    for await (const chunk of readRanged(source, object, { signal: never(), meter })) {
      mostHeldBytes = Math.max(mostHeldBytes, meter.bytesRead - takenBytes);
      takenBytes += chunk.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(takenBytes).toBe(sizeBytes);
    expect(mostHeldBytes).toBeLessThan(4 * 4 * 2 ** 20 + 2 * 2 ** 20);
  });

  it('fails once with the first cause, and cancels its other parts', async () => {
    const { source, object, openStreams } = memorySource(randomBytes(100_000), {
      beforeRead: async ({ start }) => {
        if (start === 2000) throw new DrillError('backup-changed', 'replaced');
      },
      stall: true,
    });
    const stream = readRanged(source, object, { signal: never(), meter: { bytesRead: 0 }, partBytes: 1000 });
    expect((await failure(buffer(stream))).code).toBe('backup-changed');
    expect(openStreams()).toBe(0);
  });

  it.each(['destroyed', 'aborted'])('leaves no part open when it is %s', async (how) => {
    const { source, object, openStreams } = memorySource(randomBytes(100_000), { stall: true });
    const abort = new AbortController();
    const parts = { parallel: 4, partBytes: 1000 };
    const stream = readRanged(source, object, { signal: abort.signal, meter: { bytesRead: 0 }, ...parts });
    stream.on('error', () => undefined);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.resume();
    await new Promise((resolve) => setImmediate(resolve));
    expect(openStreams()).toBe(4);
    if (how === 'aborted') abort.abort(new Error('stopped by the test'));
    else stream.destroy();
    await closed;
    expect(openStreams()).toBe(0);
    expect(stream.errored?.message).toBe(how === 'aborted' ? 'stopped by the test' : undefined);
  });

  it('fails when a part ends early without an error', async () => {
    const { source, object } = memorySource(randomBytes(3000));
    const short = { ...source, read: async () => Readable.from([Buffer.alloc(10)], { objectMode: false }) };
    await expect(
      buffer(readRanged(short, object, { signal: never(), meter: { bytesRead: 0 }, partBytes: 1000 })),
    ).rejects.toThrow('ended after 10 of 1000 bytes');
  });
});
