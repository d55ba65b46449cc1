import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { piecesOf } from '../../src/support/stream-pieces.ts';

async function collect(stream: Readable): Promise<string[]> {
  const found: string[] = [];
  for await (const piece of piecesOf(stream)) found.push(piece.toString());
  return found;
}

describe('the pieces of a stream', () => {
  it('are those that were written, however many had arrived', async () => {
    const stream = new PassThrough();
    for (const piece of ['a', 'bc', 'd']) stream.write(piece);
    stream.end();
    expect(await collect(stream)).toEqual(['a', 'bc', 'd']);
    expect(await collect(Readable.from([Buffer.from('x'), Buffer.from('yz')], { objectMode: false }))).toEqual([
      'x',
      'yz',
    ]);
    expect(await collect(Readable.from([]))).toEqual([]);
  });

  it('end with the error of the stream, even if it was destroyed before', async () => {
    const broken = new Error('the store went away');
    const late = new PassThrough();
    late.write('a');
    const reading = collect(late);
    setImmediate(() => late.destroy(broken));
    await expect(reading).rejects.toBe(broken);
    const early = new PassThrough().on('error', () => undefined);
    early.destroy(broken);
    await expect(collect(early)).rejects.toBe(broken);
    const closed = new PassThrough();
    closed.destroy();
    await expect(collect(closed)).rejects.toThrow('closed');
  });

  it('close the stream when their reader stops early', async () => {
    const stream = new PassThrough();
    stream.write('a');
    for await (const piece of piecesOf(stream)) {
      expect(piece.toString()).toBe('a');
      break;
    }
    expect(stream.destroyed).toBe(true);
  });
});
