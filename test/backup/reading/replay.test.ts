import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { keepError, readAtLeast, replay } from '../../../src/backup/reading/replay.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const lost = new Error('the store is gone');

/** Delivers its first bytes, and then nothing. */
function opened(): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.push('first bytes');
  return stream;
}

describe('a stream that fails while nothing reads it', () => {
  it.each<[string, (stream: Readable) => Readable]>([
    ['with an error', (stream) => stream.destroy(lost)],
    ['when it is closed', (stream) => stream.destroy()],
  ])('fails any later reader, %s', async (_, fail) => {
    const expected = fail(keepError(opened())).errored ?? new Error('the stream was closed');
    const early = opened();
    const first = await readAtLeast(early, 5);
    fail(early);
    await nextTurn();
    await expect(buffer(replay(first, early))).rejects.toThrow(expected.message);
    await expect(readAtLeast(early, 1)).rejects.toThrow(expected.message);
  });

  it('passes its error on to the stream that replays it', async () => {
    const rest = opened();
    const whole = replay(await readAtLeast(rest, 5), rest);
    rest.destroy(lost);
    await nextTurn();
    expect(whole.errored).toBe(lost);
    await expect(buffer(whole)).rejects.toBe(lost);
  });

  it('has a single error listener', () => {
    const stream = keepError(keepError(opened()));
    expect(stream.listenerCount('error')).toBe(1);
    stream.destroy();
  });

  it('can still be read when it has only ended', async () => {
    const rest = Readable.from(['all of it'], { objectMode: false });
    const head = await readAtLeast(rest, 100);
    await nextTurn();
    expect(String(await buffer(replay(head, rest)))).toBe('all of it');
  });
});
