import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demux } from '../../src/sandbox/docker/demux.ts';

function frame(type: number, text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

describe('the stream of an exec', () => {
  it('is split correctly, however it is chunked', async () => {
    const frames = fc.array(fc.record({ type: fc.constantFrom(1, 2), text: fc.string({ maxLength: 40 }) }));
    await fc.assert(
      fc.asyncProperty(frames, fc.integer({ min: 1, max: 20 }), async (sent, cut) => {
        const bytes = Buffer.concat(sent.map(({ type, text }) => frame(type, text)));
        const stream = new PassThrough();
        const seen: Record<number, string> = { 1: '', 2: '' };
        const collect = (type: 1 | 2, into: Buffer[]) => (piece: Buffer) => {
          into.push(Buffer.from(piece));
          seen[type] = Buffer.concat(into).toString();
          return undefined;
        };
        const done = demux(stream, collect(1, []), collect(2, []));
        for (let at = 0; at < bytes.length; at += cut) stream.write(bytes.subarray(at, at + cut));
        stream.end();
        expect(await done).toBeUndefined();
        const all = (type: number) =>
          sent
            .filter((each) => each.type === type)
            .map(({ text }) => text)
            .join('');
        expect(seen).toEqual({ 1: all(1), 2: all(2) });
      }),
    );
  });

  it('is paused while a consumer is busy', async () => {
    const stream = new PassThrough();
    const { promise: free, resolve } = Promise.withResolvers<void>();
    const seen: string[] = [];
    const done = demux(
      stream,
      (piece) => {
        seen.push(piece.toString());
        return free;
      },
      () => undefined,
    );
    stream.write(frame(1, 'first'));
    stream.write(frame(1, 'second'));
    await new Promise((next) => setImmediate(next));
    expect(seen).toEqual(['first']);
    resolve();
    stream.end();
    await done;
    expect(seen).toEqual(['first', 'second']);
  });

  it('delivers everything sent before the connection broke, and then the error', async () => {
    const stream = new PassThrough();
    const seen: string[] = [];
    const done = demux(
      stream,
      () => undefined,
      (piece) => void seen.push(piece.toString()),
    );
    stream.write(frame(2, 'last words'));
    await new Promise((next) => setImmediate(next));
    const broken = new Error('reset');
    stream.destroy(broken);
    expect(await done).toBe(broken);
    expect(seen).toEqual(['last words']);
  });
});
