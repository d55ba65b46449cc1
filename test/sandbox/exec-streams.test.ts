import { Duplex, Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { expect, it } from 'vitest';
import { ExecOutput, feed } from '../../src/sandbox/container/exec-streams.ts';

it('waits once for a slow reader, however many small chunks arrive at once', async () => {
  let release = (): void => undefined;
  const slow = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => {
      release = done;
    },
  });
  const output = new ExecOutput({ stdout: slow }, new AbortController().signal);
  const waits = Array.from({ length: 50 }, () => output.takeStdout(Buffer.from('row')));
  expect(slow.listenerCount('drain')).toBe(1);
  for (let index = 0; index < 50; index += 1) {
    release();
    await new Promise(setImmediate);
  }
  await Promise.all(waits);
  expect(slow.listenerCount('drain')).toBe(0);
});

it('passes on input piece by piece, without joining the pieces into a copy', async () => {
  const pieces = [1, 2, 3].map((byte) => Buffer.alloc(10, byte));
  const taken: Buffer[] = [];
  const command = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      taken.push(chunk);
      setImmediate(done);
    },
  });
  const stdin = new Readable({ read: () => undefined });
  for (const piece of [...pieces, null]) stdin.push(piece);
  await feed(command, stdin, new AbortController().signal);
  await finished(command, { readable: false });
  expect(taken).toEqual(pieces);
});
